/* puppet: see puppet.h. */
#include "puppet.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fds.h"
#include "head.h"
#include "hello.h"
#include "memory.h"
#include "spawn.h"

enum { SIGNALLED = 256 };

struct puppet puppets[PUPPETS_MOST];

int __wrap_spawn_process(struct child_plan *plan, enum spawn_way way, struct spawned *out);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_kill(pid_t pid, int number);
long __wrap_syscall(long number, ...);
long __real_syscall(long number, ...);

static struct puppet *of_pidfd(int fd)
{
	for (unsigned i = 0; i < PUPPETS_MOST; i++) {
		if (puppets[i].is_used && puppets[i].pidfd == fd)
			return &puppets[i];
	}
	return NULL;
}

/* Of what a process inherits: its channel, and its board. */
static void take(struct puppet *p, int fd)
{
	int domain;
	socklen_t size = sizeof(domain);
	int *to = &p->channel;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0) {
		if (lseek(fd, 0, SEEK_END) != (off_t)sizeof(struct board))
			return;
		to = &p->board;
	}
	*to = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	assert(*to >= 0);
}

int __wrap_spawn_process(struct child_plan *plan, enum spawn_way way, struct spawned *out)
{
	struct puppet *p = puppets;
	int ends[2];

	(void)way;
	while (p < puppets + PUPPETS_MOST && p->is_used)
		p++;
	if (p == puppets + PUPPETS_MOST)
		return -EAGAIN;
	*p = (struct puppet){.is_used = true, .is_honest = true, .channel = -1, .board = -1, .lent = -1};
	for (int i = 0; i < plan->fd_count; i++)
		take(p, plan->fds[i]);
	frame_open(&p->ear, BROOD_MAX_FRAME);
	p->assembly = (struct assembly){.max_message = BROOD_MAX_MESSAGE, .max_held = BROOD_MAX_MESSAGE};
	if (pipe2(ends, O_CLOEXEC) < 0)
		abort();
	close(ends[1]); /* exec has happened */
	p->pidfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* our own pid: the kernel tells it of what comes through the channel */
	*out = (struct spawned){.pid = getpid(), .pidfd = p->pidfd, .error_fd = ends[0]};
	return 0;
}

static void forget(struct puppet *p)
{
	p->is_used = false;
	if (p->channel >= 0)
		close(p->channel);
	if (p->board >= 0)
		close(p->board);
	if (p->lent >= 0)
		close(p->lent);
	p->channel = p->board = p->lent = -1;
	fd_queue_close(&p->arrived);
	frame_close(&p->ear);
	assembly_close(&p->assembly);
}

int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	struct puppet *p = of_pidfd((int)id);

	assert(type == P_PIDFD && p);
	if (!p->has_ended)
		return 0;
	info->si_pid = getpid();
	info->si_code = p->status >= SIGNALLED ? CLD_KILLED : CLD_EXITED;
	info->si_status = p->status % SIGNALLED;
	if (!(options & WNOWAIT))
		forget(p);
	return 0;
}

/* Of a group: its leader is told by the system call below. */
int __wrap_kill(pid_t pid, int number)
{
	(void)pid;
	(void)number;
	return 0;
}

/* It does not know how many arguments there are. */
__attribute__((no_sanitize("address"))) long __wrap_syscall(long number, ...)
{
	va_list args;
	long a[6];

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_pidfd_send_signal) {
		struct puppet *p = of_pidfd((int)a[0]);

		if (p && (a[1] == SIGKILL || !p->is_stubborn))
			puppet_end(p, SIGNALLED + (int)a[1]);
		return 0;
	}
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

struct puppet *puppet_running(unsigned n)
{
	for (unsigned i = 0; i < PUPPETS_MOST; i++) {
		if (puppets[i].is_used && !puppets[i].has_ended && n-- == 0)
			return &puppets[i];
	}
	return NULL;
}

void puppet_end(struct puppet *p, int status)
{
	static const uint64_t one = 1;

	if (p->has_ended)
		return;
	p->has_ended = true;
	p->status = status;
	if (p->channel >= 0)
		close(p->channel);
	p->channel = -1;
	if (write(p->pidfd, &one, sizeof(one)) != sizeof(one))
		abort();
}

/* -------------------------------------------------------------- conversation */

/* Some take bodies in memory, for others brood reads them. */
static bool shares(const struct puppet *p)
{
	return (p - puppets) % 2 == 0;
}

static void add_call(struct puppet *p, const struct message *m)
{
	struct puppet_call *c = &p->held[p->count];

	assert(p->count < PUPPET_HELD);
	p->count++;
	c->id = m->frame.id;
	c->size = m->frame.body_size < sizeof(c->body) ? m->frame.body_size : sizeof(c->body);
	if (c->size > 0)
		memcpy(c->body, m->frame.body, c->size);
}

/* A socket: the answer to what it has asked for is kept, the end of another one's connection is closed at once. */
static void hear_socket(struct puppet *p, const struct frame *f)
{
	struct fds *fds = NULL;
	int fd;

	assert(f->nfds == 1 && fd_queue_match(&p->arrived, f->nfds, &fds) == FD_MATCH_OK);
	fd = fds_take(fds, 0);
	fds_unref(fds);
	assert(fd >= 0);
	if (f->type == FRAME_REPLY && p->lent < 0) {
		p->lent = fd;
		return;
	}
	close(fd);
	if (f->type == FRAME_CONN)
		puppet_frame(p, &(struct frame){.type = FRAME_CONN_END, .id = f->id});
}

/* A body in memory, which only brood can have passed; its beginning is read, and all is let go. */
static void open_memory(struct puppet *p, struct frame *f, uint8_t body[16])
{
	struct memory_note note = memory_note(f->body, f->body_size);
	struct fds *fds = NULL;
	size_t count;

	assert(shares(p));
	if (fd_queue_match(&p->arrived, f->nfds, &fds) != FD_MATCH_OK)
		abort();
	assert(!memory_problem(fds_numbers(fds, &count)[0], &note));
	note.body.size = note.body.size < 16 ? note.body.size : 16;
	if (memory_read(fds_numbers(fds, &count)[0], note.body, body) < 0)
		abort();
	fds_unref(fds);
	f->flags &= (uint8_t)~FLAG_MEMFD;
	f->body = body;
	f->body_size = (uint32_t)note.body.size;
}

static void hear_frame(struct puppet *p, struct frame *f)
{
	struct message *m = NULL;
	uint8_t body[16];

	assert(frame_type_is_known(f->type));
	if (f->flags & FLAG_MEMFD)
		open_memory(p, f, body);
	else if (f->nfds > 0)
		hear_socket(p, f);
	if (f->type == FRAME_CANCEL)
		assembly_drop(&p->assembly, f->id);
	if (f->type != FRAME_CALL && f->type != FRAME_DATA)
		return;
	if (assembly_add(&p->assembly, f, &m) == ASSEMBLY_WHOLE)
		add_call(p, m);
	message_free(m);
}

void puppet_hear(struct puppet *p)
{
	static uint8_t bytes[64 << 10];
	struct frame f;
	ssize_t n;

	while (p->channel >= 0 && (n = fd_queue_receive(&p->arrived, p->channel, bytes, sizeof(bytes), NULL)) > 0) {
		enum frame_result result;

		frame_feed(&p->ear, bytes, (size_t)n);
		while ((result = frame_next(&p->ear, &f)) == FRAME_OK)
			hear_frame(p, &f);
		assert(result == FRAME_MORE);
	}
}

void puppet_say(struct puppet *p, const void *bytes, size_t size)
{
	if (p->channel >= 0 && size > 0)
		(void)send(p->channel, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
}

size_t puppet_encode(uint8_t *out, size_t capacity, const struct frame *f)
{
	size_t n;

	if (frame_size(f) > capacity)
		return 0;
	n = frame_prefix(out, f);
	memset(out + n, 0, frame_padded(f->head_size));
	if (f->head_size > 0)
		memcpy(out + n, f->head, f->head_size);
	n += frame_padded(f->head_size);
	if (f->body_size > 0)
		memcpy(out + n, f->body, f->body_size);
	return n + f->body_size;
}

void puppet_frame(struct puppet *p, const struct frame *f)
{
	uint8_t out[8192];

	puppet_say(p, out, puppet_encode(out, sizeof(out), f));
}

void puppet_greet(struct puppet *p)
{
	struct hello h = {.version_min = 1,
			  .version_max = 1,
			  .max_frame = BROOD_MAX_FRAME,
			  .max_message = BROOD_MAX_MESSAGE,
			  .stream_window = BROOD_STREAM_WINDOW,
			  .conn_window = BROOD_CONN_WINDOW,
			  .slots = 4,
			  .features = FEATURE_CANCEL | FEATURE_FDS | FEATURE_CONN | FEATURE_CALLS |
				      FEATURE_STORE | (shares(p) ? (uint64_t)FEATURE_MEMFD : 0)};
	uint8_t payload[HELLO_MOST];
	size_t size = hello_write(payload, sizeof(payload), &h);

	p->has_greeted = true;
	puppet_frame(p, &(struct frame){.type = FRAME_WELCOME, .body = payload, .body_size = (uint32_t)size});
	puppet_frame(p, &(struct frame){.type = FRAME_SLOTS, .arg = 4});
}

void puppet_ask(struct puppet *p, const char *pool)
{
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	if (!head_add_text(&w, ":pool", pool))
		abort();
	puppet_frame(p, &(struct frame){.type = FRAME_CONNECT,
					.id = p->last_asked = p->last_asked == 0 ? 1 : p->last_asked + 2,
					.head = block,
					.head_size = (uint32_t)w.size});
}

void puppet_answer(struct puppet *p, bool in_parts)
{
	struct puppet_call c = p->held[0];
	struct frame f = {.type = FRAME_REPLY,
			  .flags = FLAG_EOM | FLAG_EOS,
			  .id = c.id,
			  .body = c.body,
			  .body_size = c.size};

	if (p->count == 0)
		return;
	p->count--;
	memmove(p->held, p->held + 1, p->count * sizeof(p->held[0]));
	if (in_parts && c.size > 1) {
		puppet_frame(p, &(struct frame){.type = FRAME_DATA,
						.id = c.id,
						.words = 1u << WORD_LENGTH,
						.length = c.size,
						.body = c.body,
						.body_size = 1});
		f.body++;
		f.body_size--;
	}
	puppet_frame(p, &f);
}

void puppet_scribble(struct puppet *p, uint16_t at, const void *bytes, size_t size)
{
	at %= sizeof(struct board);
	if (p->board >= 0 && pwrite(p->board, bytes, size, at) < 0)
		return; /* the page cannot grow */
}

void puppet_reset(void)
{
	for (unsigned i = 0; i < PUPPETS_MOST; i++)
		assert(!puppets[i].is_used);
}
