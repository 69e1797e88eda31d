/*
 * stage: a real brood for one test: configuration, runtime directory, process, log, command line.
 *
 * Everything waits for events with a deadline; nothing sleeps and hopes. stage_close() ends brood and then looks for
 * what it must not leave: processes, sockets, files, descriptors.
 */
#ifndef BROOD_STAGE_H
#define BROOD_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

#include "home.h"

enum { STAGE_PATH = 512, STAGE_WAIT_MS = 20000 };

struct stage {
	char dir[STAGE_PATH];     /* of this test alone */
	char runtime[STAGE_PATH]; /* brood's */
	char config[STAGE_PATH];
	char mark[64];            /* in the environment of every process that belongs to it */
	pid_t pid;
	int exit_code;            /* of brood, after stage_await_exit(); -signal if it was killed */
	int log_fd;
	char *log;
	size_t log_size;
	size_t log_seen;          /* up to here stage_await_log() has looked */
	int fds_at_start;
	uid_t cli_user;    /* whom stage_cli() runs as; 0: as we are */
	bool is_quiet;     /* brood -q run */
	bool cli_is_lost;  /* stage_cli() does not tell it where its brood is */
};

/* Makes directories and configuration, starts `brood run`, waits until it is up. Printf-like configuration. */
void stage_open(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same without starting it. */
void stage_prepare(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Starts it; with `up`, waits until its admin socket answers. `launch` (may be NULL) runs in the child before exec. */
void stage_start(struct stage *s, bool up, void (*launch)(void));
/* Ends it in order and checks what it left. */
void stage_close(struct stage *s);
/* Checks what a brood that has ended left; removes the directory. */
void stage_clean(struct stage *s);
/* Waits until brood has ended; fails if it takes longer than `ms`. */
void stage_await_exit(struct stage *s, int ms);

/* Waits for a line of the log that holds `text`, from where the last such call stopped; the line. */
const char *stage_await_log(struct stage *s, const char *text);
/* Is there such a line in all that was read so far? Does not wait. */
bool stage_has_log(struct stage *s, const char *text);

/* Runs `brood ARGS` against it. Output (NULL: not wanted) is to be freed. Returns the exit code. */
int stage_cli(struct stage *s, char **out, char **err, ...) __attribute__((sentinel));
/* `brood status --json`, checked to be JSON. To be json_decref()ed. */
json_t *stage_status(struct stage *s);
/* The instance or pool of that name in a status; borrowed. */
json_t *stage_instance(json_t *status, const char *name);
json_t *stage_pool(json_t *status, const char *name);
/* Pid of an instance, 0 if it has none. */
pid_t stage_pid_of(struct stage *s, const char *instance);
/* Sends a signal to the process of an instance, once it has one. */
void stage_kill(struct stage *s, const char *instance, int number);
/* Waits until the instance is in this state, and the generation is at least so. */
void stage_await_state(struct stage *s, const char *instance, const char *state, int generation);
/* One of a pool's counters of calls. */
long long stage_counter(struct stage *s, const char *pool, const char *name);
/* accepted = replied + errored + closed, and nothing is waiting; also what it was. */
void stage_check_ledger(struct stage *s, const char *pool);

/* Path of a socket in the runtime directory, "unix:" in front. */
const char *stage_address(const struct stage *s, const char *name);
/* How many descriptors a process has open. */
int stage_fds_of(pid_t pid);
/* How many processes carry the mark of this stage, brood itself included. */
int stage_processes(const struct stage *s);
/* Polls a condition until it holds; fails with `what` after `ms`. */
#define stage_until(ms, what, condition)                                                              \
	do {                                                                                          \
		int64_t stage_deadline = stage_now_ms() + (ms);                                       \
		while (!(condition)) {                                                                \
			if (stage_now_ms() > stage_deadline)                                          \
				fail_msg("%s: not within %d ms", (what), (int)(ms));                  \
			stage_pause();                                                                \
		}                                                                                     \
	} while (0)
int64_t stage_now_ms(void);
void stage_pause(void);

#endif
