/*
 * brood-badworker: a worker that does what workers should not, on request.
 *
 *   badworker [--slots N] [--at-start VERB[=N]] [--tidy MS]
 *
 * The method of a call is a verb; its body is the argument. Without SDK misuse it is an ordinary worker.
 */
#include <brood.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHANNEL = 3, REPLY_MOST = 256 << 10 };

/* ------------------------------------------------------------------- telling */

struct text {
	char out[REPLY_MOST];
	size_t used;
};

static void add(struct text *t, const char *format, ...) BROOD_LIKE_PRINTF(2, 3);

static void add(struct text *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (t->used < sizeof(t->out))
		t->used += (size_t)vsnprintf(t->out + t->used, sizeof(t->out) - t->used, format, args);
	va_end(args);
	if (t->used > sizeof(t->out) - 1)
		t->used = sizeof(t->out) - 1;
}

/* Descriptors that are open now, one a line: "3 socket". */
static void tell_fds(struct text *t)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL) {
		char path[300];
		char target[256] = "";

		if (e->d_name[0] == '.' || atoi(e->d_name) == dirfd(d))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%s", e->d_name);
		if (readlink(path, target, sizeof(target) - 1) > 0)
			add(t, "fd %s %s\n", e->d_name, target);
	}
	if (d)
		closedir(d);
}

static void tell_signals(struct text *t)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int i = 1; i < 65; i++) {
		struct sigaction a;

		if (sigismember(&blocked, i) == 1)
			add(t, "blocked %d\n", i);
		if (sigaction(i, NULL, &a) == 0 && a.sa_handler == SIG_IGN)
			add(t, "ignored %d\n", i);
	}
}

static void tell_ids(struct text *t)
{
	gid_t groups[256];
	int n = getgroups(256, groups);
	mode_t mask = umask(0);
	char cwd[4096] = "?";

	umask(mask);
	add(t, "uid %d %d\ngid %d %d\n", (int)getuid(), (int)geteuid(), (int)getgid(), (int)getegid());
	for (int i = 0; i < n; i++)
		add(t, "group %d\n", (int)groups[i]);
	add(t, "umask %03o\ncwd %s\n", mask, getcwd(cwd, sizeof(cwd)));
	add(t, "sid %d\npid %d\nnice %d\n", getsid(0) == getpid(), (int)getpid(),
	    getpriority(PRIO_PROCESS, 0));
	add(t, "no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	add(t, "setuid0 %d\n", setuid(0) == 0);
	if (prctl(PR_GET_PDEATHSIG, &n) == 0)
		add(t, "pdeathsig %d\n", n);
}

static void tell_limits(struct text *t)
{
	static const struct {
		const char *name;
		int resource;
	} known[] = {{"nofile", RLIMIT_NOFILE},
		     {"core", RLIMIT_CORE},
		     {"nproc", RLIMIT_NPROC},
		     {"as", RLIMIT_AS}};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct rlimit l;

		if (getrlimit((__rlimit_resource_t)known[i].resource, &l) == 0)
			add(t, "limit %s %lld %lld\n", known[i].name, (long long)l.rlim_cur,
			    (long long)l.rlim_max);
	}
}

/* What it inherited, told before the SDK changes anything. */
static struct text inherited;

static void take_inventory(void)
{
	tell_fds(&inherited);
	tell_signals(&inherited);
	tell_limits(&inherited);
	for (char **e = environ; *e; e++)
		add(&inherited, "env %s\n", *e);
}

static void verb_inventory(brood_request_t *r, const char *argument)
{
	struct text *t = calloc(1, sizeof(*t));

	(void)argument;
	add(t, "%s", inherited.out);
	tell_ids(t);
	for (char **e = environ; *e; e++)
		add(t, "env-now %s\n", *e);
	brood_reply(r, t->out, t->used);
	free(t);
}

/* --------------------------------------------------------------------- verbs */

static void verb_echo(brood_request_t *r, const char *argument)
{
	size_t size;
	const void *body = brood_request_body(r, &size);

	(void)argument;
	brood_reply(r, body, size);
}

/* The same, later: long enough to be killed in it. */
static void verb_nap(brood_request_t *r, const char *argument)
{
	poll(NULL, 0, 2);
	verb_echo(r, argument);
}

static void verb_pid(brood_request_t *r, const char *argument)
{
	char text[32];

	(void)argument;
	brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%d", (int)getpid()));
}

static void verb_sleep(brood_request_t *r, const char *argument)
{
	poll(NULL, 0, atoi(argument));
	brood_reply(r, argument, strlen(argument));
}

static void verb_exit(brood_request_t *r, const char *argument)
{
	(void)r;
	_exit(atoi(argument));
}

/* What was said before the end must be heard. */
static void verb_reply_and_exit(brood_request_t *r, const char *argument)
{
	brood_reply(r, "last words", 10);
	_exit(atoi(argument));
}

static void verb_signal(brood_request_t *r, const char *argument)
{
	(void)r;
	signal(atoi(argument), SIG_DFL);
	raise(atoi(argument));
}

static void verb_segv(brood_request_t *r, const char *argument)
{
	(void)argument;
	(void)r;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void verb_hang(brood_request_t *r, const char *argument)
{
	(void)r;
	printf("hangs %s\n", argument);
	fflush(stdout);
	for (;;)
		pause();
}

/* Takes the call and never answers it, but goes on. */
static void verb_keep(brood_request_t *r, const char *argument)
{
	(void)r;
	(void)argument;
}

static void verb_print(brood_request_t *r, const char *argument)
{
	fputs(argument, stdout);
	fflush(stdout);
	brood_reply(r, NULL, 0);
}

static void verb_print_error(brood_request_t *r, const char *argument)
{
	fputs(argument, stderr);
	brood_reply(r, NULL, 0);
}

/* Prints so many lines of 100 bytes, as fast as it can. */
static void verb_flood(brood_request_t *r, const char *argument)
{
	for (int i = 0; i < atoi(argument); i++)
		printf("line %8d %.*s\n", i, 85,
		       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		       "xx");
	fflush(stdout);
	brood_reply(r, NULL, 0);
}

static void verb_big(brood_request_t *r, const char *argument)
{
	size_t size = (size_t)strtoull(argument, NULL, 10);
	unsigned char *body = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		body[i] = (unsigned char)(i * 7 + (i >> 8));
	brood_reply(r, body, size);
	free(body);
}

static void verb_error(brood_request_t *r, const char *argument)
{
	brood_reply_error(r, BROOD_NOT_FOUND, "nothing called %s", argument);
}

/* An answer with the metadata of the call, and the code that it asks for; no text of its own. */
static void verb_meta(brood_request_t *r, const char *argument)
{
	struct brood_meta meta[32];
	size_t count = 0;

	while (count < 32 && brood_request_meta(r, count, &meta[count]) == 0)
		count++;
	brood_reply_full(r, &(struct brood_reply_options){.code = (unsigned)atoi(argument),
							  .meta = meta,
							  .meta_count = count});
}

static void verb_status(brood_request_t *r, const char *argument)
{
	brood_status(brood_request_worker(r), argument);
	brood_reply(r, NULL, 0);
}

static void verb_notify(brood_request_t *r, const char *argument)
{
	brood_notify(brood_request_worker(r), 7, argument, strlen(argument));
	brood_reply(r, NULL, 0);
}

/* Has something to say behind its answer, and dies of SIGTERM until it has said it. */
static void verb_late(brood_request_t *r, const char *argument)
{
	brood_t *worker = brood_request_worker(r);

	signal(SIGTERM, SIG_DFL);
	brood_reply(r, NULL, 0);
	poll(NULL, 0, atoi(argument));
	brood_notify(worker, 7, "late", 4);
}

/* Answers, and hangs then. */
static void verb_answer_and_hang(brood_request_t *r, const char *argument)
{
	(void)argument;
	brood_reply(r, NULL, 0);
	for (;;)
		pause();
}

static void verb_slots(brood_request_t *r, const char *argument)
{
	brood_slots(brood_request_worker(r), atoi(argument));
	brood_reply(r, NULL, 0);
}

/* Bytes of its own choice on the channel, in hex: behind the SDK's back. Returns what stands behind them. */
static const char *write_hex(const char *hex)
{
	unsigned char bytes[4096];
	size_t n = 0;

	for (; isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]) && n < sizeof(bytes);
	     hex += 2) {
		char digits[3] = {hex[0], hex[1], '\0'};

		bytes[n++] = (unsigned char)strtoul(digits, NULL, 16);
	}
	if (write(CHANNEL, bytes, n) != (ssize_t)n)
		_exit(90);
	return hex;
}

static void verb_raw(brood_request_t *r, const char *argument)
{
	(void)r;
	(void)write_hex(argument);
}

static void verb_raw_and_exit(brood_request_t *r, const char *argument)
{
	(void)r;
	(void)write_hex(argument);
	_exit(3);
}

static void verb_answer_and_raw(brood_request_t *r, const char *argument)
{
	brood_reply(r, "fine", 4);
	(void)write_hex(argument);
}

/* Stops between two pieces, "HEX/HEX", until somebody lets it go on. */
static void verb_raw_and_stop(brood_request_t *r, const char *argument)
{
	const char *rest = write_hex(argument);

	(void)r;
	raise(SIGSTOP);
	(void)write_hex(rest + (*rest == '/'));
}

/* A child of the worker writes on the channel. */
static void verb_stranger(brood_request_t *r, const char *argument)
{
	pid_t pid = fork();

	(void)r;
	(void)argument;
	if (pid == 0) {
		static const unsigned char ping[16] = {12, 0, 0, 0, 5};

		if (write(CHANNEL, ping, sizeof(ping)) != sizeof(ping))
			_exit(90);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* Writes all of it on the channel, behind the SDK's back; brood ends this process if it has had enough. */
static void write_all(const unsigned char *bytes, size_t size)
{
	while (size > 0) {
		struct pollfd p = {.fd = CHANNEL, .events = POLLOUT};
		ssize_t n = send(CHANNEL, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN)
			pause();
		if (n < 0)
			(void)poll(&p, 1, 1000);
		bytes += n > 0 ? n : 0;
		size -= n > 0 ? (size_t)n : 0;
	}
}

/* Sends PINGs for ever, and never reads. */
static void verb_ask(brood_request_t *r, const char *argument)
{
	static unsigned char pings[4096 * 16];

	(void)r;
	(void)argument;
	for (size_t i = 0; i < sizeof(pings); i += 16) {
		pings[i] = 12;
		pings[i + 4] = 5;
	}
	for (;;)
		write_all(pings, sizeof(pings));
}

/* Sends DATA for its first call without asking for credit. */
static void verb_overdraw(brood_request_t *r, const char *argument)
{
	static unsigned char chunk[16 + 65536] = {12, 0, 1, 0, 0x11, 0, 0, 0, 2};

	(void)r;
	(void)argument;
	for (;;)
		write_all(chunk, sizeof(chunk));
}

/* Closes only the direction in which brood writes. */
static void verb_deaf(brood_request_t *r, const char *argument)
{
	(void)argument;
	brood_reply(r, NULL, 0);
	shutdown(CHANNEL, SHUT_RD);
	for (;;)
		pause();
}

static void verb_close_channel(brood_request_t *r, const char *argument)
{
	(void)r;
	(void)argument;
	shutdown(CHANNEL, SHUT_RDWR);
	for (;;)
		pause();
}

/* A grandchild in its own session holds log pipes and channel, and ignores TERM. */
static void verb_grandchild(brood_request_t *r, const char *argument)
{
	if (fork() == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		if (fork() == 0) {
			poll(NULL, 0, atoi(argument));
			_exit(0);
		}
		_exit(0);
	}
	brood_reply(r, NULL, 0);
}

/* A child in the same group that outlives its leader if nobody ends it. */
static void verb_child(brood_request_t *r, const char *argument)
{
	if (fork() == 0) {
		signal(SIGTERM, SIG_IGN);
		poll(NULL, 0, atoi(argument));
		_exit(0);
	}
	brood_reply(r, NULL, 0);
}

/* It and its children fork for ever. */
static void verb_bomb(brood_request_t *r, const char *argument)
{
	(void)argument;
	brood_reply(r, NULL, 0);
	for (;;) {
		if (fork() < 0)
			poll(NULL, 0, 5);
	}
}

static void verb_ignore_term(brood_request_t *r, const char *argument)
{
	(void)argument;
	signal(SIGTERM, SIG_IGN);
	brood_reply(r, NULL, 0);
}

static void *wait_for_cancel(void *request)
{
	size_t size;
	bool is_slow = brood_request_body(request, &size) && size > 0;

	while (!brood_request_is_cancelled(request))
		poll(NULL, 0, 1);
	puts("noticed that it is cancelled");
	fflush(stdout);
	if (is_slow)
		poll(NULL, 0, 300);
	brood_reply(request, "too late", 8);
	return NULL;
}

/* Answers in a thread, once nobody wants the answer any more; with an argument, not before brood has noticed too. */
static void verb_cancel(brood_request_t *r, const char *argument)
{
	pthread_t thread;

	(void)argument;
	puts("has begun");
	fflush(stdout);
	if (pthread_create(&thread, NULL, wait_for_cancel, r) != 0)
		_exit(91);
	pthread_detach(thread);
}

static void verb_left(brood_request_t *r, const char *argument)
{
	char text[32];

	(void)argument;
	brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%d", brood_request_time_left(r)));
}

/* Where the SDK has mapped the board. */
static unsigned char *find_board(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned long from = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (strstr(line, "memfd:brood-board"))
			from = strtoul(line, NULL, 16);
	}
	if (maps)
		fclose(maps);
	return (unsigned char *)from;
}

/* Lies on its board, then dies: "wipe" all of it, "slots" only (the calls in hand had not begun), or "noise". */
static void verb_scribble(brood_request_t *r, const char *argument)
{
	unsigned char *board = find_board();

	(void)r;
	if (!board)
		_exit(99);
	if (strcmp(argument, "wipe") == 0)
		memset(board, 0, 4096);
	else if (strcmp(argument, "slots") == 0)
		memset(board + 64, 0, 4096 - 64);
	else
		for (int i = 0; i < 4096; i++)
			board[i] = (unsigned char)random();
	raise(SIGKILL);
}

/* How often it was tried. */
static void verb_attempt(brood_request_t *r, const char *argument)
{
	char text[32];

	(void)argument;
	brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%u", brood_request_attempt(r)));
}

/* Dies in its first attempts, so many of them. */
static void verb_die_first(brood_request_t *r, const char *argument)
{
	if (brood_request_attempt(r) <= (unsigned)atoi(argument))
		raise(SIGKILL);
	verb_attempt(r, argument);
}

static void verb_peer(brood_request_t *r, const char *argument)
{
	struct brood_peer p;
	char text[64];

	(void)argument;
	brood_request_peer(r, &p);
	brood_reply(r, text, (size_t)snprintf(text, sizeof(text), "%u %u %u", p.uid, p.gid, p.pid));
}

static const struct {
	const char *name;
	void (*function)(brood_request_t *r, const char *argument);
} verbs[] = {
	{"", verb_echo},
	{"echo", verb_echo},
	{"nap", verb_nap},
	{"pid", verb_pid},
	{"sleep", verb_sleep},
	{"exit", verb_exit},
	{"reply-and-exit", verb_reply_and_exit},
	{"signal", verb_signal},
	{"segv", verb_segv},
	{"hang", verb_hang},
	{"keep", verb_keep},
	{"print", verb_print},
	{"print-error", verb_print_error},
	{"flood", verb_flood},
	{"big", verb_big},
	{"error", verb_error},
	{"meta", verb_meta},
	{"status", verb_status},
	{"notify", verb_notify},
	{"late", verb_late},
	{"answer-and-hang", verb_answer_and_hang},
	{"slots", verb_slots},
	{"raw", verb_raw},
	{"raw-and-exit", verb_raw_and_exit},
	{"raw-and-stop", verb_raw_and_stop},
	{"answer-and-raw", verb_answer_and_raw},
	{"stranger", verb_stranger},
	{"ask", verb_ask},
	{"overdraw", verb_overdraw},
	{"deaf", verb_deaf},
	{"close-channel", verb_close_channel},
	{"grandchild", verb_grandchild},
	{"child", verb_child},
	{"bomb", verb_bomb},
	{"ignore-term", verb_ignore_term},
	{"inventory", verb_inventory},
	{"cancel", verb_cancel},
	{"left", verb_left},
	{"peer", verb_peer},
	{"scribble", verb_scribble},
	{"attempt", verb_attempt},
	{"die-first", verb_die_first},
};

static void handle(brood_request_t *r, void *user)
{
	size_t size;
	const void *body = brood_request_body(r, &size);
	char argument[8192];

	(void)user;
	snprintf(argument, sizeof(argument), "%.*s",
		 (int)(size < sizeof(argument) ? size : sizeof(argument) - 1),
		 (const char *)(body ? body : ""));
	for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, brood_request_method(r)) == 0) {
			verbs[i].function(r, argument);
			return;
		}
	}
	brood_reply_error(r, BROOD_UNIMPLEMENTED, "no verb %s", brood_request_method(r));
}

static void on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)user;
	printf("notified %u: %.*s\n", topic, (int)size, (const char *)body);
	fflush(stdout);
}

/* What it does before it serves; false: it does not serve at all. */
static int begin(const char *what)
{
	if (strncmp(what, "exit=", 5) == 0)
		exit(atoi(what + 5));
	if (strcmp(what, "hang") == 0) {
		for (;;)
			pause();
	}
	if (strncmp(what, "welcome=", 8) == 0) { /* instead of the SDK's; ends as one that finds no version */
		char byte;

		(void)write_hex(what + 8);
		while (read(CHANNEL, &byte, 1) > 0)
			;
		exit(78);
	}
	if (strncmp(what, "sleep=", 6) == 0)
		poll(NULL, 0, atoi(what + 6));
	if (strcmp(what, "print") == 0) {
		printf("out line\n");
		fprintf(stderr, "err line\n");
		fflush(stdout);
	}
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (int64_t)1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	struct brood_worker_options options = {.on_notify = on_notify};
	int tidy = 0;
	int status;

	take_inventory();
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--slots") == 0)
			options.slots = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--at-start") == 0)
			begin(argv[i + 1]);
		else if (strcmp(argv[i], "--tidy") == 0)
			tidy = atoi(argv[i + 1]);
	}
	status = brood_serve(handle, NULL, &options);
	if (tidy > 0) {
		int64_t until = now_ms() + tidy;

		while (now_ms() < until)
			poll(NULL, 0, (int)(until - now_ms()));
		puts("is tidy");
	}
	return status;
}
