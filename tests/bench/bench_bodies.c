/*
 * bench_bodies: the ways in which a large body can go from one process through a second to a third, in turn.
 *
 *   copied      through two sockets; the one in the middle passes on what it has ("cut through"), or all ("whole")
 *   fresh       a new memfd for each: filled by stores into a mapping, or by pwrite(); sealed; read through a
 *               mapping, through one that the kernel fills at once, or by pread() into memory that is used again
 *   reused      the same memfd for all: pwrite() and pread(), or mappings on both sides that stay (the wall)
 *
 * The receiver reads each byte. What came of it: docs/decisions/0013.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "figures.h"

enum way {
	CUT_THROUGH,
	WHOLE,
	FRESH_STORES,
	FRESH_MAPPED,
	FRESH_FILLED,
	FRESH_READ,
	REUSED_READ,
	REUSED_MAPPED,
	WAYS
};

static const char *const names[WAYS] = {
	"copied, cut through",       "copied, whole",
	"fresh, stored, mapped",     "fresh, written, mapped",
	"fresh, written, populated", "fresh, written, read",
	"reused, written, read",     "reused, mapped",
};

enum {
	SIZE_MOST = 16 << 20,
	PIECE = 256 << 10,
	AHEAD_MOST = 4,
	SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE
};

struct header {
	uint64_t size;
};

/* One of the three processes, and what it uses again. */
struct node {
	enum way way;
	size_t size;
	uint8_t *body; /* private memory */
	int reused[AHEAD_MOST];
	uint8_t *mapped[AHEAD_MOST];
	unsigned turn;
};

struct table {
	struct figures us;
	struct figures cpu; /* of all three, µs */
};

static _Noreturn void die_of(const char *what)
{
	die("%s: %s", what, strerror(errno));
}

static bool is_copied(enum way way)
{
	return way == CUT_THROUGH || way == WHOLE;
}

static bool is_reused(enum way way)
{
	return way == REUSED_READ || way == REUSED_MAPPED;
}

static uint8_t *fresh_memory(size_t size)
{
	uint8_t *p =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die_of("mmap");
	return p;
}

/* ------------------------------------------------------------------ sockets */

static void send_all(int socket, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	while (size > 0) {
		ssize_t n = send(socket, p, size, MSG_NOSIGNAL);

		if (n < 0)
			_exit(EXIT_FAILURE);
		p += n;
		size -= (size_t)n;
	}
}

static bool receive_all(int socket, void *bytes, size_t size)
{
	uint8_t *p = bytes;

	while (size > 0) {
		ssize_t n = recv(socket, p, size, 0);

		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

static void send_header(int socket, const struct header *h, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec vector;
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
	struct header copy = *h;

	vector = (struct iovec){&copy, sizeof(copy)};
	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(fd)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
	}
	if (sendmsg(socket, &m, MSG_NOSIGNAL) != (ssize_t)sizeof(copy))
		_exit(EXIT_FAILURE);
}

/* False at the end. */
static bool receive_header(int socket, struct header *h, int *fd_out)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 2)];
	} control;
	struct iovec vector = {h, sizeof(*h)};
	struct msghdr m = {.msg_iov = &vector,
			   .msg_iovlen = 1,
			   .msg_control = control.bytes,
			   .msg_controllen = sizeof(control.bytes)};

	*fd_out = -1;
	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) != (ssize_t)sizeof(*h))
		return false;
	if (CMSG_FIRSTHDR(&m))
		memcpy(fd_out, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(*fd_out));
	return true;
}

/* ------------------------------------------------------------------- sender */

static int new_memfd(size_t size)
{
	int fd = memfd_create("body", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		die_of("memfd");
	return fd;
}

static void write_all(int fd, const uint8_t *bytes, size_t size)
{
	if (pwrite(fd, bytes, size, 0) != (ssize_t)size)
		die_of("pwrite");
}

static void store_all(int fd, const uint8_t *bytes, size_t size)
{
	uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		die_of("mmap");
	memcpy(p, bytes, size);
	munmap(p, size);
}

static void send_memfd(const struct node *n, int socket, const struct header *h)
{
	int fd = new_memfd(n->size);

	if (n->way == FRESH_STORES)
		store_all(fd, n->body, n->size);
	else
		write_all(fd, n->body, n->size);
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		die_of("seal");
	send_header(socket, h, fd);
	close(fd);
}

static void send_body(struct node *n, int socket)
{
	const struct header h = {n->size};
	unsigned turn = n->turn++ % AHEAD_MOST;

	memcpy(n->body, &n->turn, sizeof(n->turn));
	if (is_copied(n->way)) {
		send_header(socket, &h, -1);
		send_all(socket, n->body, n->size);
		return;
	}
	if (!is_reused(n->way)) {
		send_memfd(n, socket, &h);
		return;
	}
	if (n->way == REUSED_READ)
		write_all(n->reused[turn], n->body, n->size);
	else
		memcpy(n->mapped[turn], n->body, n->size);
	send_header(socket, &h, -1);
}

/* ----------------------------------------------------------------- receiver */

static uint64_t look_at(const uint8_t *bytes, size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + sizeof(sum) <= size; i += sizeof(sum)) {
		uint64_t word;

		memcpy(&word, bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

static uint64_t look_into(const struct node *n, int fd, int flags)
{
	uint8_t *p;
	uint64_t sum;

	if ((fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
		die("not sealed");
	p = mmap(NULL, n->size, PROT_READ, MAP_SHARED | flags, fd, 0);
	if (p == MAP_FAILED)
		die_of("mmap");
	sum = look_at(p, n->size);
	munmap(p, n->size);
	return sum;
}

static void read_whole(const struct node *n, int fd)
{
	if (pread(fd, n->body, n->size, 0) != (ssize_t)n->size)
		die_of("pread");
}

static uint64_t take_body(struct node *n, int socket, int fd)
{
	unsigned turn = n->turn++ % AHEAD_MOST;

	switch (n->way) {
	case CUT_THROUGH:
	case WHOLE:
		if (!receive_all(socket, n->body, n->size))
			_exit(EXIT_FAILURE);
		break;
	case FRESH_STORES:
	case FRESH_MAPPED:
		return look_into(n, fd, 0);
	case FRESH_FILLED:
		return look_into(n, fd, MAP_POPULATE);
	case FRESH_READ:
		read_whole(n, fd);
		break;
	case REUSED_READ:
		read_whole(n, n->reused[turn]);
		break;
	case REUSED_MAPPED:
		return look_at(n->mapped[turn], n->size);
	case WAYS:
		break;
	}
	return look_at(n->body, n->size);
}

static _Noreturn void receive(struct node *n, int socket)
{
	struct header h;
	uint64_t sum = 0;
	int fd;

	while (receive_header(socket, &h, &fd)) {
		sum += take_body(n, socket, fd);
		if (fd >= 0)
			close(fd);
		send_all(socket, "a", 1);
	}
	_exit(sum == 1 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* --------------------------------------------------------------- the middle */

static bool pass_answers(int from, int to)
{
	uint8_t bytes[64];
	ssize_t n = recv(from, bytes, sizeof(bytes), 0);

	if (n > 0)
		send_all(to, bytes, (size_t)n);
	return n > 0;
}

static bool pass_body(struct node *n, int from, int to)
{
	struct header h;
	int fd;

	if (n->way == CUT_THROUGH) {
		ssize_t got = recv(from, n->body, PIECE, 0);

		if (got > 0)
			send_all(to, n->body, (size_t)got);
		return got > 0;
	}
	if (!receive_header(from, &h, &fd))
		return false;
	if (n->way == WHOLE && !receive_all(from, n->body, n->size))
		return false;
	send_header(to, &h, fd);
	if (n->way == WHOLE)
		send_all(to, n->body, n->size);
	if (fd >= 0)
		close(fd);
	return true;
}

static _Noreturn void pass(struct node *n, int from, int to)
{
	for (;;) {
		struct pollfd p[2] = {{.fd = from, .events = POLLIN}, {.fd = to, .events = POLLIN}};

		if (poll(p, 2, -1) < 0)
			_exit(EXIT_FAILURE);
		if (p[1].revents && !pass_answers(to, from))
			_exit(EXIT_FAILURE);
		if (p[0].revents && !pass_body(n, from, to))
			_exit(EXIT_SUCCESS);
	}
}

/* ---------------------------------------------------------------- measuring */

static void prepare(struct node *n, enum way way, size_t size)
{
	*n = (struct node){.way = way, .size = size, .body = fresh_memory(size > PIECE ? size : PIECE)};
	for (int i = 0; is_reused(way) && i < AHEAD_MOST; i++) {
		n->reused[i] = new_memfd(size);
		n->mapped[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, n->reused[i], 0);
		if (n->mapped[i] == MAP_FAILED)
			die_of("mmap");
		memset(n->mapped[i], 1, size);
	}
}

static void clear(struct node *n)
{
	munmap(n->body, n->size > PIECE ? n->size : PIECE);
	for (int i = 0; is_reused(n->way) && i < AHEAD_MOST; i++) {
		munmap(n->mapped[i], n->size);
		close(n->reused[i]);
	}
}

static void pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		die_of("socketpair");
}

static void run(const struct options *o, enum way way, size_t size, unsigned ahead, struct table *t)
{
	struct node n;
	int front[2];
	int back[2];
	pid_t middle;
	pid_t end;
	unsigned open = 0;
	uint64_t calls = 0;
	uint64_t since;
	uint64_t cpu;
	uint8_t answers[AHEAD_MOST];

	prepare(&n, way, size);
	pair(front);
	pair(back);
	fflush(NULL);
	middle = fork();
	if (middle == 0) {
		close(front[0]);
		close(back[1]);
		pass(&n, front[1], back[0]);
	}
	end = fork();
	if (end == 0) {
		close(front[0]);
		close(front[1]);
		close(back[0]);
		memset(n.body, 2, n.size); /* a page of its own, before time runs */
		receive(&n, back[1]);
	}
	if (middle < 0 || end < 0)
		die_of("fork");
	close(front[1]);
	close(back[0]);
	close(back[1]);
	memset(n.body, 3, n.size);
	since = now_ns();
	cpu = cpu_ns(0) + cpu_ns(middle) + cpu_ns(end);
	do {
		ssize_t got;

		for (; open < ahead; open++)
			send_body(&n, front[0]);
		got = recv(front[0], answers, sizeof(answers), 0);
		if (got <= 0)
			die("%s: the others have failed", names[way]);
		open -= (unsigned)got;
		calls += (uint64_t)got;
	} while (seconds_between(since, now_ns()) < o->seconds);
	figures_add(&t->us, (double)(now_ns() - since) / 1e3 / (double)calls);
	figures_add(&t->cpu, (double)(cpu_ns(0) + cpu_ns(middle) + cpu_ns(end) - cpu) / 1e3 / (double)calls);
	while (open > 0 && recv(front[0], answers, 1, 0) == 1)
		open--;
	close(front[0]);
	waitpid(middle, NULL, 0);
	waitpid(end, NULL, 0);
	clear(&n);
}

static void measure(const struct options *o, size_t size, unsigned ahead)
{
	struct table *tables = calloc(WAYS, sizeof(*tables));

	if (!tables)
		die("no memory");
	for (unsigned round = 0; round < o->rounds; round++) {
		for (unsigned i = 0; i < WAYS; i++) {
			enum way way = (enum way)((i + round) % WAYS);

			run(o, way, size, ahead, &tables[way]);
		}
	}
	printf("\n%zu KiB, %u at once                us   of copied, cut through     cpu, us   of copied\n",
	       size >> 10, ahead);
	for (int i = 0; i < WAYS; i++) {
		struct spread time = figures_ratio(&tables[i].us, &tables[CUT_THROUGH].us);

		printf("  %-26s %9.1f   %5.2f (%.2f..%.2f)     %9.1f   %5.2f\n", names[i],
		       figures_spread(&tables[i].us).median, time.median, time.lowest, time.highest,
		       figures_spread(&tables[i].cpu).median,
		       figures_ratio(&tables[i].cpu, &tables[CUT_THROUGH].cpu).median);
	}
	fflush(stdout);
	free(tables);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {64 << 10, 256 << 10, 1 << 20, 4 << 20, SIZE_MOST};
	struct options o;

	options_read(&o, argc, argv);
	print_machine(&o, "bodies");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		measure(&o, sizes[i], 1);
		measure(&o, sizes[i], AHEAD_MOST);
	}
	return EXIT_SUCCESS;
}
