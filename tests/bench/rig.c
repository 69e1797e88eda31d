/* rig: see rig.h. */
#include "rig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MOST = 64, CONNECT_MS = 60000 };

void rig_directory(const struct options *o, char out[RIG_PATH])
{
	if (snprintf(out, RIG_PATH, "%s/run.XXXXXX", o->parent) >= RIG_PATH || !mkdtemp(out))
		die("cannot make a directory: %s", strerror(errno));
}

void rig_clear(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (d && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(fd, entry->d_name, 0);
	}
	if (d)
		closedir(d);
	(void)rmdir(directory);
}

static void write_config(const struct rig *r, const struct options *o, const struct rig_pool *pool)
{
	unsigned clients = pool->clients ? pool->clients : 1024;
	char path[RIG_PATH + 16];
	FILE *f;

	snprintf(path, sizeof(path), "%s/brood.ini", r->directory);
	f = fopen(path, "we");
	if (!f)
		die("cannot write a configuration: %s", strerror(errno));
	fprintf(f, "[brood]\nmax_clients = %u\nmax_clients_per_uid = %u\n", clients, clients);
	fprintf(f, "[worker:echo]\ncommand = %s \"%s\" %u\n", o->worker_under ? o->worker_under : "",
		o->worker, pool->slots);
	fprintf(f, "instances = %u\nrestart_delay = 0ms\n%s", pool->instances, pool->keys);
	fprintf(f, "[endpoint:echo]\nlisten = unix:echo.sock\npool = echo\n");
	fprintf(f, "max_clients = %u\nmax_clients_per_uid = %u\n", clients, clients);
	fprintf(f, "[endpoint:direct]\nlisten = unix:direct.sock\npool = echo\ndispatch = connection\n");
	fprintf(f, "max_clients_per_uid = 1024\n");
	if (fclose(f) != 0)
		die("cannot write a configuration: %s", strerror(errno));
}

static void redirect(const struct rig *r)
{
	char path[RIG_PATH + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/log", r->directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(EXIT_FAILURE);
}

static _Noreturn void become_brood(const struct rig *r, const struct options *o)
{
	static char words[1024];
	char config[RIG_PATH + 16];
	char run[] = "run";
	char flag[] = "-c";
	char program[RIG_PATH];
	char *argv[WORDS_MOST + 5];
	size_t n = 0;

	snprintf(words, sizeof(words), "%s", o->under ? o->under : "");
	snprintf(config, sizeof(config), "%s/brood.ini", r->directory);
	snprintf(program, sizeof(program), "%s", o->brood);
	for (char *w = strtok(words, " "); w && n < WORDS_MOST; w = strtok(NULL, " "))
		argv[n++] = w;
	argv[n++] = program;
	argv[n++] = flag;
	argv[n++] = config;
	argv[n++] = run;
	argv[n] = NULL;
	setenv("RUNTIME_DIRECTORY", r->directory, 1);
	redirect(r);
	execvp(argv[0], argv);
	_exit(EXIT_FAILURE);
}

void rig_start(struct rig *r, const struct options *o, const struct rig_pool *pool)
{
	pid_t parent = getpid();

	if (r->directory[0] == '\0')
		rig_directory(o, r->directory);
	snprintf(r->address, sizeof(r->address), "unix:%s/echo.sock", r->directory);
	snprintf(r->direct, sizeof(r->direct), "unix:%s/direct.sock", r->directory);
	write_config(r, o, pool);
	fflush(NULL);
	r->started = now_ns();
	r->pid = fork();
	if (r->pid < 0)
		die("fork: %s", strerror(errno));
	if (r->pid > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	become_brood(r, o);
}

/* Why it does not run, as far as it said so. */
static _Noreturn void die_with_log(const struct rig *r, const char *what)
{
	char path[RIG_PATH + 16];
	char line[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", r->directory);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		fputs(line, stderr);
	die("%s", what);
}

brood_t *rig_connect(const struct rig *r)
{
	struct brood_client_options options = {.timeout = CONNECT_MS, .retry = 100};
	brood_t *client;

	for (int i = 0; i < CONNECT_MS / 100; i++) {
		int rc = brood_connect(&client, r->address, &options);

		if (rc == 0)
			return client;
		if ((rc != -ENOENT && rc != -ECONNREFUSED) || waitpid(r->pid, NULL, WNOHANG) != 0)
			break;
	}
	die_with_log(r, brood_error());
}

void rig_ask(brood_t *client, const char *method, void *out, size_t size)
{
	struct brood_answer answer;

	if (brood_call(client, method, NULL, 0, NULL, &answer) < 0 || answer.code != BROOD_OK)
		die("%s: %s", brood_code_name(answer.code), answer.text);
	if (answer.body_size != size)
		die("an answer of %zu bytes instead of %zu", answer.body_size, size);
	memcpy(out, answer.body, size);
	brood_answer_free(&answer);
}

pid_t rig_wait(const struct rig *r)
{
	brood_t *client = rig_connect(r);
	int32_t pid;

	rig_ask(client, "pid", &pid, sizeof(pid));
	brood_close(client);
	return pid;
}

uint64_t rig_stop(struct rig *r)
{
	uint64_t ended;
	int status;

	kill(r->pid, SIGTERM);
	while (waitpid(r->pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	}
	ended = now_ns();
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die_with_log(r, "brood did not end in order");
	r->pid = 0;
	return ended;
}
