/* common: what all measuring programs share: options, time, failing, what a process has used. */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#if defined(__GNUC__)
#define LIKE_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define LIKE_PRINTF(f, a)
#endif

struct options {
	const char *brood;  /* the programs that are measured */
	const char *worker;
	const char *parent; /* directory in which private ones are made */
	const char *under;  /* words before brood's command line (a profiler), or NULL */
	const char *worker_under;
	const char *only;   /* of bench_relay: "SIZE:FLIGHT:CLIENTS", or NULL: all */
	unsigned rounds;
	double seconds;      /* of one measurement */
	uint64_t calls;      /* instead of seconds, where not 0 */
	double idle_seconds; /* how long an idle supervisor is watched */
	unsigned workers;    /* started together */
	bool is_pinned;      /* all processes on one core */
	bool is_smoke;       /* does it work at all? */
	bool skips_walls;
};

/* Reads the command line; ends the program where it is wrong. Pins where that was asked for. */
void options_read(struct options *o, int argc, char **argv);

/* Says what went wrong and ends the program. */
_Noreturn void die(const char *format, ...) LIKE_PRINTF(1, 2);

/* As many descriptors as we are allowed. */
void raise_files(void);

/* CLOCK_MONOTONIC, the same in all processes. */
uint64_t now_ns(void);
void sleep_ms(unsigned ms);
static inline double seconds_between(uint64_t from, uint64_t to)
{
	return (double)(to - from) / 1e9;
}

/* Time that a process (0: this one) has spent on a core, ns. */
uint64_t cpu_ns(pid_t pid);
/* Kernel, cores, build; nothing that names the machine. */
void print_machine(const struct options *o, const char *what);

struct memory {
	uint64_t rss; /* KiB */
	uint64_t pss; /* KiB; 0: the kernel does not let us see it */
};

struct memory memory_of(pid_t pid);
/* Context switches of all threads of a process so far: it slept, or it was taken off its core. */
void switches_of(pid_t pid, uint64_t *voluntary, uint64_t *forced);

#endif
