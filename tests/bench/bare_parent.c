/*
 * bare_parent: vfork and exec, a socket pair and a pidfd for each worker, one epoll set. No limits, no users, no
 * sessions, no logs, no policy: a worker that ends is started again at once.
 */
#include "bare_parent.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bare.h"
#include "common.h"

enum { CHANNEL_FD = 3, EVENTS_MOST = 64 };

struct child {
	pid_t pid;
	int pidfd;
	int channel;
};

struct parent {
	const char *worker;
	int epoll;
	struct child *children;
	unsigned count;
	unsigned alive;
	bool is_stopping;
};

/* What epoll gives back: which child, and which of its two descriptors; the signals are behind the last one. */
static void watch(const struct parent *p, int fd, uint64_t tag)
{
	struct epoll_event e = {.events = EPOLLIN, .data = {.u64 = tag}};

	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

/* A child that has not called exec yet may still hold a copy, so closing alone would not end the events. */
static void unwatch(const struct parent *p, int fd)
{
	(void)epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
	close(fd);
}

static _Noreturn void become_worker(const struct parent *p, int channel)
{
	char word[] = "bare";
	char name[] = "bench-worker";
	char *argv[] = {name, word, NULL};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(channel, CHANNEL_FD) == CHANNEL_FD)
		execv(p->worker, argv);
	_exit(EXIT_FAILURE);
}

static void spawn(struct parent *p, unsigned number)
{
	struct child *c = &p->children[number];
	int ends[2];

	bare_pair(ends);
	c->pid = vfork();
	if (c->pid == 0)
		become_worker(p, ends[1]);
	if (c->pid < 0)
		die("vfork: %s", strerror(errno));
	close(ends[1]);
	c->channel = ends[0];
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0)
		die("pidfd_open: %s", strerror(errno));
	watch(p, c->pidfd, 2 * (uint64_t)number);
	watch(p, c->channel, 2 * (uint64_t)number + 1);
	p->alive++;
}

static void bury(struct parent *p, unsigned number)
{
	struct child *c = &p->children[number];
	siginfo_t info;

	(void)waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED);
	unwatch(p, c->pidfd);
	if (c->channel >= 0)
		unwatch(p, c->channel);
	c->pid = 0;
	p->alive--;
	if (!p->is_stopping)
		spawn(p, number);
	else if (p->alive == 0)
		_exit(EXIT_SUCCESS);
}

static void hear(struct parent *p, unsigned number)
{
	struct child *c = &p->children[number];
	char byte;

	if (c->channel >= 0 && recv(c->channel, &byte, 1, MSG_DONTWAIT) == 0) {
		unwatch(p, c->channel); /* it is about to end */
		c->channel = -1;
	}
}

static void stop(struct parent *p)
{
	if (p->is_stopping)
		return; /* the signal is never read, so it is seen again */
	p->is_stopping = true;
	for (unsigned i = 0; i < p->count; i++)
		kill(p->children[i].pid, SIGTERM);
}

static _Noreturn void run(struct parent *p)
{
	struct epoll_event events[EVENTS_MOST];

	for (unsigned i = 0; i < p->count; i++)
		spawn(p, i);
	for (;;) {
		int ready = epoll_wait(p->epoll, events, EVENTS_MOST, -1);

		for (int i = 0; i < ready; i++) {
			unsigned number = (unsigned)(events[i].data.u64 / 2);

			if (number == p->count)
				stop(p);
			else if (events[i].data.u64 % 2)
				hear(p, number);
			else
				bury(p, number);
		}
	}
}

pid_t bare_parent_start(const char *worker, unsigned count)
{
	struct parent p = {.worker = worker, .count = count};
	pid_t self = getpid();
	sigset_t term;
	pid_t pid;
	int signals;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != self)
		_exit(EXIT_FAILURE);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_SETMASK, &term, NULL);
	signals = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	p.epoll = epoll_create1(EPOLL_CLOEXEC);
	p.children = calloc(count, sizeof(*p.children));
	if (signals < 0 || p.epoll < 0 || !p.children)
		die("no memory");
	watch(&p, signals, 2 * (uint64_t)count);
	run(&p);
}
