/* peer_end: the protocol, spoken by hand. */
#include "peer_end.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "outbox.h"

enum { READ_SIZE = 64 << 10, FRAME_MOST = 17 << 20 };

void peer_end_open(struct peer_end *e, int in, int out)
{
	*e = (struct peer_end){.in = in, .out = out};
	frame_open(&e->decoder, FRAME_MOST);
}

void peer_end_close(struct peer_end *e)
{
	for (struct message *m = peer_end_take(e); m; m = peer_end_take(e))
		message_free(m);
	if (e->out >= 0 && e->out != e->in)
		close(e->out);
	if (e->in >= 0)
		close(e->in);
	e->in = e->out = -1;
	e->ended = true;
	frame_close(&e->decoder);
}

int peer_end_listen(const char *path, int backlog)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	PEER_CHECK(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	PEER_CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	PEER_CHECK(listen(fd, backlog) == 0);
	return fd;
}

void peer_end_accept(struct peer_end *e, int listener)
{
	int fd;

	do
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	PEER_CHECK(fd >= 0);
	peer_end_open(e, fd, fd);
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

void peer_end_half_close(struct peer_end *e)
{
	if (is_socket(e->out)) {
		PEER_CHECK(shutdown(e->out, SHUT_WR) == 0);
		return;
	}
	close(e->out);
	e->out = -1;
}

static void wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	while (poll(&p, 1, -1) < 0)
		PEER_CHECK(errno == EINTR);
}

/* One write, or as much of it as goes; a peer that is gone takes everything. */
static size_t put(int fd, const void *bytes, size_t size)
{
	ssize_t n = is_socket(fd) ? send(fd, bytes, size, MSG_NOSIGNAL) : write(fd, bytes, size);

	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return size;
	if (n < 0 && errno == EAGAIN)
		wait_for(fd, POLLOUT);
	PEER_CHECK(n >= 0 || errno == EINTR || errno == EAGAIN);
	return n < 0 ? 0 : (size_t)n;
}

void peer_end_bytes(struct peer_end *e, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t most = e->piece ? e->piece : SIZE_MAX;

	while (size > 0) {
		size_t n = put(e->out, at, size < most ? size : most);

		at += n;
		size -= n;
		if (e->between)
			e->between(e->user);
	}
}

uint8_t *peer_end_encode(const struct frame *f, size_t *size_out)
{
	struct outbox out = {0};
	struct iovec v;
	uint8_t *bytes;

	PEER_CHECK(outbox_frame(&out, f));
	PEER_CHECK(outbox_vector(&out, &v, 1) == 1);
	*size_out = v.iov_len;
	bytes = malloc(v.iov_len);
	PEER_CHECK(bytes);
	memcpy(bytes, v.iov_base, v.iov_len);
	outbox_close(&out);
	return bytes;
}

void peer_end_frame(struct peer_end *e, const struct frame *f)
{
	size_t size;
	uint8_t *bytes = peer_end_encode(f, &size);

	peer_end_bytes(e, bytes, size);
	free(bytes);
}

void peer_end_frame_fds(struct peer_end *e, const struct frame *f, const int *fds, size_t count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * 20)] = {0};
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;
	struct iovec vector;
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};

	vector.iov_base = peer_end_encode(f, &vector.iov_len);
	if (count > 0) {
		PEER_CHECK(count <= 20);
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
	}
	PEER_CHECK(sendmsg(e->out, &m, 0) == (ssize_t)vector.iov_len);
	free(vector.iov_base);
}

void peer_end_say(struct peer_end *e, uint8_t type, uint32_t id, uint32_t arg)
{
	peer_end_frame(e, &(struct frame){.type = type, .id = id, .arg = arg});
}

void peer_end_call(struct peer_end *e, uint32_t id, const char *method, const void *body, size_t size)
{
	uint8_t block[200];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	PEER_CHECK(!method || head_add_text(&w, ":method", method));
	peer_end_frame(e, &(struct frame){.type = FRAME_CALL,
					  .flags = FLAG_EOM | FLAG_EOS,
					  .id = id,
					  .head = block,
					  .head_size = (uint32_t)w.size,
					  .body = body,
					  .body_size = (uint32_t)size});
}

void peer_end_reply(struct peer_end *e, uint32_t id, uint32_t status, const void *body, size_t size)
{
	peer_end_frame(e, &(struct frame){.type = FRAME_REPLY,
					  .flags = FLAG_EOM | FLAG_EOS,
					  .id = id,
					  .arg = status,
					  .body = body,
					  .body_size = (uint32_t)size});
}

struct hello peer_end_offer(void)
{
	return (struct hello){
		.version_min = BROOD_VERSION_MIN,
		.version_max = BROOD_VERSION_MAX,
		.max_frame = BROOD_MAX_FRAME,
		.max_message = BROOD_MAX_MESSAGE,
		.stream_window = BROOD_STREAM_WINDOW,
		.conn_window = BROOD_CONN_WINDOW,
		.slots = BROOD_CLIENT_SLOTS,
		.features = FEATURE_CANCEL,
	};
}

void peer_end_greet(struct peer_end *e, uint8_t type, const struct hello *h)
{
	uint8_t payload[HELLO_MOST];
	size_t size = hello_write(payload, sizeof(payload), h);

	PEER_CHECK(size > 0);
	peer_end_frame(e, &(struct frame){.type = type, .body = payload, .body_size = (uint32_t)size});
}

static void keep(struct peer_end *e, const struct frame *f)
{
	struct message *m = message_copy(NULL, f);

	PEER_CHECK(m);
	m->next = NULL;
	if (e->last)
		e->last->next = m;
	else
		e->first = m;
	e->last = m;
}

static void digest(struct peer_end *e, const void *bytes, size_t size)
{
	struct frame f;
	enum frame_result result;

	frame_feed(&e->decoder, bytes, size);
	while ((result = frame_next(&e->decoder, &f)) == FRAME_OK)
		keep(e, &f);
	PEER_CHECK(result == FRAME_MORE);
}

/* One read; false if nothing is there now. */
static bool hear_once(struct peer_end *e)
{
	uint8_t bytes[READ_SIZE];
	struct pollfd p = {.fd = e->in, .events = POLLIN};
	ssize_t n;

	if (e->ended || poll(&p, 1, 0) <= 0)
		return false;
	n = read(e->in, bytes, sizeof(bytes));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	PEER_CHECK(n >= 0 || errno == ECONNRESET);
	e->ended = n <= 0;
	if (n > 0) {
		e->came += (size_t)n;
		digest(e, bytes, (size_t)n);
	}
	return n > 0;
}

size_t peer_end_hear(struct peer_end *e)
{
	size_t before = e->came;

	while (hear_once(e))
		;
	return e->came - before;
}

struct message *peer_end_take(struct peer_end *e)
{
	struct message *m = e->first;

	if (!m)
		return NULL;
	e->first = m->next;
	if (!e->first)
		e->last = NULL;
	m->next = NULL;
	return m;
}

struct message *peer_end_wait(struct peer_end *e)
{
	while (!e->first && !e->ended) {
		if (!hear_once(e) && !e->ended)
			wait_for(e->in, POLLIN);
	}
	return peer_end_take(e);
}

struct message *peer_end_expect(struct peer_end *e, uint8_t type)
{
	struct message *m = peer_end_wait(e);

	if (!m || m->frame.type != type) {
		dprintf(2, "at the peer: expected %s, got %s id %u arg 0x%x\n", frame_type_name(type),
			m ? frame_type_name(m->frame.type) : "the end", m ? m->frame.id : 0,
			m ? m->frame.arg : 0);
		abort();
	}
	return m;
}

void peer_end_skip(struct peer_end *e, uint8_t type)
{
	message_free(peer_end_expect(e, type));
}

void peer_end_expect_end(struct peer_end *e)
{
	struct message *m = peer_end_wait(e);

	if (m)
		dprintf(2, "at the peer: expected the end, got %s\n", frame_type_name(m->frame.type));
	PEER_CHECK(!m);
}

bool peer_end_has_text(const struct message *m, const char *key, const char *text)
{
	struct head_entry e;

	return head_find(m->frame.head, m->frame.head_size, key, &e) && e.value_size == strlen(text) &&
	       memcmp(e.value, text, e.value_size) == 0;
}
