/*
 * libfaults: see faults.h. Each function here has the name of one of the C library, asks the page whether this call is
 * to fail, and else passes it on.
 *
 * It may run in a child between vfork and exec, and in any thread: no locks, no allocation, no buffered output.
 */
#include "faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))
#define FROM ((uintptr_t)__builtin_return_address(0))

static struct fault_page *page;
static uintptr_t program_begin; /* where the program's own code lies */
static uintptr_t program_end;

/* The next function of that name, once looked up. */
#define REAL(name)                                                    \
	static __typeof__(&name) next_##name;                         \
	if (!next_##name)                                             \
	next_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int find_program(struct dl_phdr_info *info, size_t size, void *user)
{
	(void)size;
	(void)user;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		program_begin = info->dlpi_addr + p->p_vaddr;
		program_end = program_begin + p->p_memsz;
	}
	return 1; /* the program is the first of all */
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv(FAULTS_ENV);
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
	void *memory;

	if (fd < 0)
		return;
	dl_iterate_phdr(find_program, NULL);
	memory = (void *)syscall(SYS_mmap, NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)syscall(SYS_close, fd);
	if (memory != MAP_FAILED)
		page = memory;
}

/* What is to become of this call: 0 nothing, an errno, or FAULT_SHORT(). */
static int verdict(enum fault_site site, uintptr_t from)
{
	struct fault_entry *e;
	uint64_t n;
	uint64_t first;
	uint64_t every;

	if (!page || from < program_begin || from >= program_end)
		return 0;
	e = &page->sites[site];
	n = atomic_fetch_add(&e->calls, 1) + 1;
	first = atomic_load(&e->first);
	every = atomic_load(&e->every);
	if (first == 0 || n < first || (n > first && (every == 0 || (n - first) % every != 0)))
		return 0;
	atomic_fetch_add(&e->hits, 1);
	return atomic_load(&e->error);
}

/* Is it one that fails? Then errno is set. */
static bool fails(enum fault_site site, uintptr_t from)
{
	int error = verdict(site, from);

	if (error <= 0)
		return false;
	errno = error;
	return true;
}

/* The kernel transfers less than was asked for on sockets and pipes only. */
static bool may_be_short(int fd)
{
	struct stat st;

	return syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) == 0 &&
	       (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode));
}

static size_t clip(int fd, int error, size_t size)
{
	size_t most = error < 0 ? (size_t)-error : size;

	return most < size && may_be_short(fd) ? most : size;
}

/* The beginning of a vector, at most so many bytes: one entry. */
static bool clip_vector(int fd, int error, const struct iovec *vector, size_t count, struct iovec *out)
{
	size_t most = error < 0 ? (size_t)-error : 0;
	size_t i = 0;

	while (i < count && vector[i].iov_len == 0)
		i++;
	if (most == 0 || i == count || !may_be_short(fd))
		return false;
	*out = vector[i];
	if (out->iov_len > most)
		out->iov_len = most;
	return true;
}

/* ---------------------------------------------------------------- transfers */

PUBLIC ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	REAL(recv);
	int error = verdict(FAULT_recv, FROM);

	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_recv(fd, buffer, clip(fd, error, size), flags);
}

PUBLIC ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	REAL(send);
	int error = verdict(FAULT_send, FROM);

	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_send(fd, buffer, clip(fd, error, size), flags);
}

PUBLIC ssize_t read(int fd, void *buffer, size_t size)
{
	REAL(read);
	int error = verdict(FAULT_read, FROM);

	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_read(fd, buffer, clip(fd, error, size));
}

PUBLIC ssize_t write(int fd, const void *buffer, size_t size)
{
	REAL(write);
	int error = verdict(FAULT_write, FROM);

	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_write(fd, buffer, clip(fd, error, size));
}

PUBLIC ssize_t writev(int fd, const struct iovec *vector, int count)
{
	REAL(writev);
	int error = verdict(FAULT_writev, FROM);
	struct iovec one;

	if (error > 0) {
		errno = error;
		return -1;
	}
	if (clip_vector(fd, error, vector, (size_t)count, &one))
		return next_writev(fd, &one, 1);
	return next_writev(fd, vector, count);
}

PUBLIC ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	REAL(recvmsg);
	int error = verdict(FAULT_recvmsg, FROM);
	struct msghdr copy = *m;
	struct iovec one;
	ssize_t n;

	if (error > 0) {
		errno = error;
		return -1;
	}
	if (!clip_vector(fd, error, m->msg_iov, m->msg_iovlen, &one))
		return next_recvmsg(fd, m, flags);
	copy.msg_iov = &one;
	copy.msg_iovlen = 1;
	n = next_recvmsg(fd, &copy, flags);
	m->msg_namelen = copy.msg_namelen;
	m->msg_controllen = copy.msg_controllen;
	m->msg_flags = copy.msg_flags;
	return n;
}

PUBLIC ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	REAL(sendmsg);
	int error = verdict(FAULT_sendmsg, FROM);
	struct msghdr copy = *m;
	struct iovec one;

	if (error > 0) {
		errno = error;
		return -1;
	}
	if (!clip_vector(fd, error, m->msg_iov, m->msg_iovlen, &one))
		return next_sendmsg(fd, m, flags);
	copy.msg_iov = &one;
	copy.msg_iovlen = 1;
	return next_sendmsg(fd, &copy, flags);
}

/* What _FORTIFY_SOURCE makes of them. */
PUBLIC ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
PUBLIC ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags);
PUBLIC int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room);

PUBLIC ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	REAL(read);
	int error = verdict(FAULT_read, FROM);

	if (size > room)
		abort();
	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_read(fd, buffer, clip(fd, error, size));
}

PUBLIC ssize_t __recv_chk(int fd, void *buffer, size_t size, size_t room, int flags)
{
	REAL(recv);
	int error = verdict(FAULT_recv, FROM);

	if (size > room)
		abort();
	if (error > 0) {
		errno = error;
		return -1;
	}
	return next_recv(fd, buffer, clip(fd, error, size), flags);
}

PUBLIC int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	REAL(poll);

	if (count > room / sizeof(*fds))
		abort();
	return fails(FAULT_poll, FROM) ? -1 : next_poll(fds, count, timeout);
}

/* ------------------------------------------------------------------ the rest */

/* FORWARD(name, type, parameters, arguments): int or pointer, with this value for failure. */
#define FORWARD(site, name, type, failure, parameters, arguments)      \
	PUBLIC type name parameters                                    \
	{                                                              \
		REAL(name);                                            \
		if (fails(FAULT_##site, FROM))                         \
			return failure;                                \
		return next_##name arguments;                          \
	}

FORWARD(accept4, accept4, int, -1, (int fd, struct sockaddr *a, socklen_t *size, int flags), (fd, a, size, flags))
FORWARD(socket, socket, int, -1, (int domain, int type, int protocol), (domain, type, protocol))
FORWARD(socketpair, socketpair, int, -1, (int domain, int type, int protocol, int ends[2]),
	(domain, type, protocol, ends))
FORWARD(connect, connect, int, -1, (int fd, const struct sockaddr *a, socklen_t size), (fd, a, size))
FORWARD(shutdown, shutdown, int, -1, (int fd, int how), (fd, how))
FORWARD(getsockopt, getsockopt, int, -1, (int fd, int level, int name, void *value, socklen_t *size),
	(fd, level, name, value, size))
FORWARD(setsockopt, setsockopt, int, -1, (int fd, int level, int name, const void *value, socklen_t size),
	(fd, level, name, value, size))
FORWARD(getpeername, getpeername, int, -1, (int fd, struct sockaddr *a, socklen_t *size), (fd, a, size))
FORWARD(pipe2, pipe2, int, -1, (int ends[2], int flags), (ends, flags))
FORWARD(eventfd, eventfd, int, -1, (unsigned count, int flags), (count, flags))
FORWARD(epoll_create1, epoll_create1, int, -1, (int flags), (flags))
FORWARD(epoll_ctl, epoll_ctl, int, -1, (int set, int what, int fd, struct epoll_event *e), (set, what, fd, e))
FORWARD(poll, poll, int, -1, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout))
FORWARD(fstat, fstat, int, -1, (int fd, struct stat *st), (fd, st))
FORWARD(mmap, mmap, void *, MAP_FAILED, (void *at, size_t size, int may, int flags, int fd, off_t offset),
	(at, size, may, flags, fd, offset))
FORWARD(memfd_create, memfd_create, int, -1, (const char *name, unsigned flags), (name, flags))
FORWARD(ftruncate, ftruncate, int, -1, (int fd, off_t size), (fd, size))
FORWARD(pread, pread, ssize_t, -1, (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset))
FORWARD(pwrite, pwrite, ssize_t, -1, (int fd, const void *bytes, size_t size, off_t offset), (fd, bytes, size, offset))
FORWARD(fork, fork, pid_t, -1, (void), ())
FORWARD(waitid, waitid, int, -1, (idtype_t type, id_t id, siginfo_t *info, int options),
	(type, id, info, options))

/* dlsym() itself allocates, and does without where it cannot. */
static __attribute__((tls_model("initial-exec"))) _Thread_local bool is_looking;

#define FORWARD_MEMORY(name, parameters, arguments)                                       \
	PUBLIC void *name parameters                                                      \
	{                                                                                 \
		static __typeof__(&name) next;                                            \
		if (is_looking)                                                           \
			return NULL;                                                      \
		if (!next) {                                                              \
			is_looking = true;                                                \
			next = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                \
			is_looking = false;                                               \
		}                                                                         \
		return fails(FAULT_##name, FROM) ? NULL : next arguments;                 \
	}

FORWARD_MEMORY(malloc, (size_t size), (size))
FORWARD_MEMORY(calloc, (size_t count, size_t size), (count, size))
FORWARD_MEMORY(realloc, (void *memory, size_t size), (memory, size))

PUBLIC int fcntl(int fd, int command, ...)
{
	REAL(fcntl);
	va_list args;
	void *argument;

	va_start(args, command);
	argument = va_arg(args, void *);
	va_end(args);
	/* what a descriptor is can always be asked */
	if (command != F_GETFL && command != F_GET_SEALS && fails(FAULT_fcntl, FROM))
		return -1;
	return next_fcntl(fd, command, argument);
}

PUBLIC int ioctl(int fd, unsigned long request, ...);
PUBLIC int ioctl(int fd, unsigned long request, ...)
{
	REAL(ioctl);
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	return fails(FAULT_ioctl, FROM) ? -1 : next_ioctl(fd, request, argument);
}

PUBLIC int open(const char *path, int flags, ...)
{
	REAL(open);
	va_list args;
	unsigned mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, unsigned) : 0;
	va_end(args);
	return fails(FAULT_open, FROM) ? -1 : next_open(path, flags, mode);
}

PUBLIC int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	REAL(clone);
	va_list args;
	void *parent_tid;
	void *tls;
	void *child_tid;

	va_start(args, argument);
	parent_tid = va_arg(args, void *);
	tls = va_arg(args, void *);
	child_tid = va_arg(args, void *);
	va_end(args);
	if (fails(FAULT_clone, FROM))
		return -1;
	return next_clone(function, stack, flags, argument, parent_tid, tls, child_tid);
}

/* Those that the C library has no name for. */
PUBLIC long syscall(long number, ...)
{
	REAL(syscall);
	va_list args;
	long a[6];

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_clone3 && fails(FAULT_clone3, FROM))
		return -1;
	if (number == SYS_pidfd_open && fails(FAULT_pidfd_open, FROM))
		return -1;
	if (number == SYS_pidfd_send_signal && fails(FAULT_pidfd_send_signal, FROM))
		return -1;
	if (number == SYS_memfd_create && fails(FAULT_memfd_create, FROM))
		return -1;
	return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The loop goes to sleep: counted, whoever calls. */
PUBLIC int epoll_wait(int set, struct epoll_event *events, int count, int timeout)
{
	REAL(epoll_wait);

	if (page)
		atomic_fetch_add(&page->turns, 1);
	return next_epoll_wait(set, events, count, timeout);
}

PUBLIC int epoll_pwait(int set, struct epoll_event *events, int count, int timeout, const sigset_t *mask)
{
	REAL(epoll_pwait);

	if (page)
		atomic_fetch_add(&page->turns, 1);
	return next_epoll_pwait(set, events, count, timeout, mask);
}
