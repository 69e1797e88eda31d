/* stage: see stage.h. */
#include "stage.h"

#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned long count; /* of stages in this process */

int64_t stage_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Between two looks at a condition that nobody announces. */
void stage_pause(void)
{
	poll(NULL, 0, 5);
}

/* -------------------------------------------------------------- preparation */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

__attribute__((format(printf, 2, 0))) static void prepare(struct stage *s, const char *format, va_list args)
{
	char *text;

	memset(s, 0, sizeof(*s));
	s->log_fd = -1;
	snprintf(s->dir, sizeof(s->dir), "%.400s/t.XXXXXX", home_scratch());
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(chmod(s->dir, 0755), 0);
	snprintf(s->runtime, sizeof(s->runtime), "%.400s/run", s->dir);
	snprintf(s->config, sizeof(s->config), "%.400s/brood.ini", s->dir);
	snprintf(s->mark, sizeof(s->mark), "STAGE_MARK=%d.%lu.%lld", (int)getpid(), ++count,
		 (long long)stage_now_ms());
	assert_true(vasprintf(&text, format, args) > 0);
	write_file(s->config, text);
	free(text);
}

void stage_prepare(struct stage *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	prepare(s, format, args);
	va_end(args);
}

void stage_open(struct stage *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	prepare(s, format, args);
	va_end(args);
	stage_start(s, true, NULL);
}

/* In the child. */
static void become_brood(struct stage *s, int log_fd, void (*launch)(void))
{
	char *argv[] = {(char[]){"brood"}, (char[]){"-c"}, s->config, s->is_quiet ? (char[]){"-q"} : (char[]){"run"},
			s->is_quiet ? (char[]){"run"} : NULL, NULL};

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no brood behind */
	dup2(log_fd, STDERR_FILENO);
	putenv(s->mark);
	setenv("RUNTIME_DIRECTORY", s->runtime, 1);
	setenv("ASAN_OPTIONS", "handle_segv=1:handle_abort=1", 1); /* workers may die of their own signals */
	if (launch)
		launch();
	execv(home_brood(), argv);
	dprintf(STDERR_FILENO, "cannot exec %s: %s\n", home_brood(), strerror(errno));
	_exit(99);
}

void stage_start(struct stage *s, bool up, void (*launch)(void))
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0)
		become_brood(s, ends[1], launch);
	close(ends[1]);
	if (s->log_fd >= 0)
		close(s->log_fd);
	s->log_fd = ends[0];
	assert_int_equal(fcntl(s->log_fd, F_SETFL, O_NONBLOCK), 0);
	if (!up)
		return;
	stage_until(STAGE_WAIT_MS, "brood is up", stage_cli(s, NULL, NULL, "-q", "status", NULL) != 69);
	s->fds_at_start = stage_fds_of(s->pid);
}

/* --------------------------------------------------------------------- log */

static bool read_log(struct stage *s, int wait_ms)
{
	struct pollfd p = {.fd = s->log_fd, .events = POLLIN};
	char buffer[65536];
	ssize_t n;

	if (poll(&p, 1, wait_ms) <= 0)
		return false;
	n = read(s->log_fd, buffer, sizeof(buffer));
	if (n <= 0)
		return false;
	s->log = realloc(s->log, s->log_size + (size_t)n + 1);
	assert_non_null(s->log);
	memcpy(s->log + s->log_size, buffer, (size_t)n);
	s->log_size += (size_t)n;
	s->log[s->log_size] = '\0';
	return true;
}

bool stage_has_log(struct stage *s, const char *text)
{
	while (read_log(s, 0))
		;
	return s->log && strstr(s->log, text) != NULL;
}

const char *stage_await_log(struct stage *s, const char *text)
{
	static char line[4096];
	int64_t deadline = stage_now_ms() + STAGE_WAIT_MS;

	for (;;) {
		char *found = s->log ? strstr(s->log + s->log_seen, text) : NULL;
		char *end = found ? strchr(found, '\n') : NULL;

		if (end) {
			while (found > s->log && found[-1] != '\n')
				found--;
			snprintf(line, sizeof(line), "%.*s", (int)(end - found), found);
			s->log_seen = (size_t)(end + 1 - s->log);
			return line;
		}
		if (stage_now_ms() > deadline)
			fail_msg("no line of the log holds: %s\n%s", text, s->log ? s->log : "(empty)");
		(void)read_log(s, 100);
	}
}

/* ------------------------------------------------------------ command line */

static char *read_all(FILE *f)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);
	char buffer[4096];
	size_t n;

	rewind(f);
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		fwrite(buffer, 1, n, to);
	fclose(to);
	fclose(f);
	return text;
}

static int await_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int stage_cli(struct stage *s, char **out, char **err, ...)
{
	char *argv[32] = {(char[]){"brood"}};
	FILE *files[2] = {tmpfile(), tmpfile()};
	char **texts[2] = {out, err};
	va_list args;
	pid_t pid;
	int n = 1;
	int code;

	va_start(args, err);
	while (n < 31 && (argv[n] = va_arg(args, char *)) != NULL)
		n++;
	va_end(args);
	assert_true(files[0] && files[1]);
	pid = fork();
	if (pid == 0) {
		dup2(fileno(files[0]), STDOUT_FILENO);
		dup2(fileno(files[1]), STDERR_FILENO);
		if (!s->cli_is_lost) {
			setenv("RUNTIME_DIRECTORY", s->runtime, 1);
			setenv("BROOD_CONFIG", s->config, 1);
		}
		if (s->cli_user != 0 && setresuid(s->cli_user, s->cli_user, s->cli_user) < 0)
			_exit(98);
		execv(home_brood(), argv);
		_exit(99);
	}
	code = await_child(pid);
	for (int i = 0; i < 2; i++) {
		char *text = read_all(files[i]);

		if (texts[i])
			*texts[i] = text;
		else
			free(text);
	}
	return code;
}

json_t *stage_status(struct stage *s)
{
	char *text;
	json_error_t error;
	json_t *status;
	int code = stage_cli(s, &text, NULL, "status", "--json", NULL);

	if (code != 0 && code != 3)
		fail_msg("brood status --json: exit code %d: %s", code, text);
	status = json_loads(text, 0, &error);
	if (!status)
		fail_msg("brood status --json is no JSON: %s", error.text);
	free(text);
	return status;
}

static json_t *find(json_t *array, const char *name)
{
	json_t *o;
	size_t i;

	json_array_foreach(array, i, o) {
		if (strcmp(json_string_value(json_object_get(o, "name")), name) == 0)
			return o;
	}
	return NULL;
}

json_t *stage_instance(json_t *status, const char *name)
{
	return find(json_object_get(status, "instances"), name);
}

json_t *stage_pool(json_t *status, const char *name)
{
	return find(json_object_get(status, "pools"), name);
}

pid_t stage_pid_of(struct stage *s, const char *instance)
{
	json_t *status = stage_status(s);
	json_t *o = stage_instance(status, instance);
	pid_t pid;

	assert_non_null(o);
	pid = (pid_t)json_integer_value(json_object_get(o, "pid"));
	json_decref(status);
	return pid;
}

static bool is_in_state(struct stage *s, const char *instance, const char *state, int generation)
{
	json_t *status = stage_status(s);
	json_t *o = stage_instance(status, instance);
	bool is = o && strcmp(json_string_value(json_object_get(o, "state")), state) == 0 &&
		  json_integer_value(json_object_get(o, "generation")) >= generation;

	json_decref(status);
	return is;
}

void stage_kill(struct stage *s, const char *instance, int number)
{
	pid_t pid = 0;

	stage_until(STAGE_WAIT_MS, "it has a process", (pid = stage_pid_of(s, instance)) > 0); /* 0: all of us */
	assert_return_code(kill(pid, number), errno);
}

void stage_await_state(struct stage *s, const char *instance, const char *state, int generation)
{
	char what[128];

	snprintf(what, sizeof(what), "%s is %s, generation %d or later", instance, state, generation);
	stage_until(STAGE_WAIT_MS, what, is_in_state(s, instance, state, generation));
}

static long long number(json_t *o, const char *key)
{
	json_t *n = json_object_get(o, key);

	assert_true(json_is_integer(n));
	return (long long)json_integer_value(n);
}

long long stage_counter(struct stage *s, const char *pool, const char *name)
{
	json_t *status = stage_status(s);
	json_t *calls = json_object_get(stage_pool(status, pool), "calls");
	long long n = json_integer_value(json_object_get(calls, name));

	json_decref(status);
	return n;
}

void stage_check_ledger(struct stage *s, const char *pool)
{
	json_t *status = stage_status(s);
	json_t *calls = json_object_get(stage_pool(status, pool), "calls");

	assert_non_null(calls);
	assert_int_equal(number(calls, "queued"), 0);
	assert_int_equal(number(calls, "in_flight"), 0);
	assert_int_equal(number(calls, "accepted"),
			 number(calls, "replied") + number(calls, "errored") + number(calls, "closed"));
	json_decref(status);
}

const char *stage_address(const struct stage *s, const char *name)
{
	static char address[STAGE_PATH];

	snprintf(address, sizeof(address), "unix:%.400s/%s", s->runtime, name);
	return address;
}

/* ---------------------------------------------------------------- processes */

int stage_fds_of(pid_t pid)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static bool has_mark(const char *pid, const char *mark)
{
	char path[300];
	char text[65536];
	ssize_t n;
	int fd;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%s/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	for (ssize_t at = 0; at < n && !found; at += (ssize_t)strlen(text + at) + 1) {
		text[n] = '\0';
		found = strcmp(text + at, mark) == 0;
	}
	return found;
}

int stage_processes(const struct stage *s)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			n += has_mark(e->d_name, s->mark);
	}
	closedir(d);
	return n;
}

/* ------------------------------------------------------------------ the end */

static bool has_ended(struct stage *s)
{
	int status;
	pid_t pid = waitpid(s->pid, &status, WNOHANG);

	(void)read_log(s, 0); /* nobody else empties the pipe */
	if (pid != s->pid)
		return false;
	s->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	return true;
}

void stage_await_exit(struct stage *s, int ms)
{
	stage_until(ms, "brood has ended", has_ended(s));
	s->pid = 0;
	while (read_log(s, 0))
		;
}

/* What may be left in the runtime directory: the lock file, which must stay. */
static void check_runtime(const struct stage *s)
{
	DIR *d = opendir(s->runtime);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, "lock") != 0)
			fail_msg("brood left %s in its runtime directory", e->d_name);
	}
	closedir(d);
}

static void remove_tree(const char *path)
{
	char command[STAGE_PATH + 16];
	pid_t pid = fork();

	(void)command;
	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(99);
	}
	assert_int_equal(await_child(pid), 0);
}

/* Of brood itself: what a worker's sanitizer says comes as a line of the worker. */
static void check_sanitizers(struct stage *s)
{
	for (char *line = s->log; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t length = strcspn(line, "\n");
		char text[600];

		snprintf(text, sizeof(text), "%.*s", (int)(length < 500 ? length : 500), line);
		if (!strstr(text, " | ") && (strstr(text, "Sanitizer") || strstr(text, "runtime error:")))
			fail_msg("a sanitizer has found something: %.600s", line);
	}
}

void stage_clean(struct stage *s)
{
	stage_until(5000, "no process is left", stage_processes(s) == 0);
	check_runtime(s);
	check_sanitizers(s);
	close(s->log_fd);
	free(s->log);
	remove_tree(s->dir);
}

void stage_close(struct stage *s)
{
	stage_until(5000, "descriptors are back to what they were",
		    stage_fds_of(s->pid) <= s->fds_at_start || stage_cli(s, NULL, NULL, "-q", "status", NULL) < 0);
	assert_int_equal(kill(s->pid, SIGTERM), 0);
	stage_await_exit(s, STAGE_WAIT_MS);
	if (s->exit_code != 0)
		fail_msg("brood ended with %d:\n%s", s->exit_code, s->log);
	stage_clean(s);
}
