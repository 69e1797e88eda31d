/*
 * fuzz_session: any bytes from the other side, into a worker and into a client.
 *
 * Nothing of it may crash, hang or leak; what the handle says meanwhile must be frames; each call that was started
 * ends once; a worker that is asked to end does so; no descriptor is left open.
 * Input: u8 choices · u8 length of a piece, and a choice · the stream.
 */
#include "fuzz.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "brood.h"
#include "contract.h"
#include "frame.h"
#include "hello.h"

enum {
	STREAM_MOST = 64 << 10,
	CALLS = 4,
	STREAMS = 2,
	KEPT_MOST = 64,
	STEPS_MOST = 100000,
	FRAME_MOST = 17 << 20,
	SPARE_SIZE = 50000
};

/* The first byte of the input. */
enum choice {
	CHOICE_GREETS = 1,    /* the handshake is part of the stream */
	CHOICE_KEEPS = 2,     /* requests are answered at the end */
	CHOICE_ERRS = 4,      /* with errors */
	CHOICE_CANCELS = 8,   /* calls are cancelled */
	CHOICE_LONG = 16,     /* bodies need more than one frame */
	CHOICE_STOPS = 32,    /* it is told to stop in the middle */
	CHOICE_FOREIGN = 64,  /* a loop of one's own */
	CHOICE_FDS = 128,     /* descriptors come along, announced or not, and are passed */
	CHOICE_STREAMS = 256, /* calls have several messages, either way; bit 7 of the second byte */
};

/* One session, and the peer's end of it. */
static struct {
	unsigned choices;
	brood_t *b;
	int peer;
	int spare; /* a descriptor to pass, which may be taken for memory */
	struct frame_decoder ear;
	brood_request_t *kept[KEPT_MOST];
	size_t kept_count;
	unsigned started;
	unsigned ended;
	brood_stream_t *streams[STREAMS];
} now;

static uint8_t body[300000];

/* A worker believes a channel that its parent made. */
pid_t getppid(void)
{
	return getpid();
}

/* Hears what the handle says; it must be frames, whatever it was told. */
static void hear(void)
{
	static uint8_t bytes[64 << 10];
	struct frame f;
	ssize_t n;

	while ((n = recv(now.peer, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		enum frame_result result;

		frame_feed(&now.ear, bytes, (size_t)n);
		while ((result = frame_next(&now.ear, &f)) == FRAME_OK)
			assert(frame_type_is_known(f.type));
		assert(result == FRAME_MORE);
	}
}

static void answer(brood_request_t *request)
{
	struct brood_meta meta = brood_meta_text("k", "v");
	size_t size;

	(void)brood_request_is_cancelled(request);
	if (brood_request_fds(request) > 1)
		close(brood_request_take_fd(request, 1));
	(void)brood_request_body(request, &size);
	if (brood_request_meta(request, 0, &meta) < 0)
		(void)brood_request_find(request, "k", &size);
	if (now.choices & CHOICE_ERRS)
		(void)brood_reply_error(request, BROOD_ABORTED, "%s", brood_request_method(request));
	else
		(void)brood_reply_full(request,
				       &(struct brood_reply_options){
					       .body = body,
					       .body_size = now.choices & CHOICE_LONG ? sizeof(body) : 9,
					       .meta = &meta,
					       .meta_count = 1,
					       .fds = &now.peer,
					       .fd_count = now.choices & CHOICE_FDS ? 1 : 0});
}

/* Takes what there is; the request is answered with its end, or by finish(). */
static void on_ready(brood_request_t *request, void *user)
{
	const void *bytes;
	size_t size;
	int rc;

	(void)user;
	while ((rc = brood_recv(request, &bytes, &size, 0)) > 0) {
		assert(bytes || size == 0);
		(void)!brood_send(request, bytes, size, 0);
	}
	assert(rc == 0 || rc == -EAGAIN || rc == -ECANCELED || rc == -EMSGSIZE || rc == -EPROTO);
	if (rc == -EAGAIN)
		return;
	for (size_t i = 0; i < now.kept_count; i++) {
		if (now.kept[i] == request)
			now.kept[i] = NULL;
	}
	(void)brood_reply_end(request);
}

/* One that takes and sends several messages. False: it is answered at once, as others are. */
static bool talk(brood_request_t *request)
{
	struct brood_meta meta = brood_meta_text("k", "v");

	if (!(now.choices & CHOICE_STREAMS) || now.kept_count == KEPT_MOST)
		return false;
	(void)brood_send_headers(request, &meta, 1);
	(void)!brood_send(request, body, now.choices & CHOICE_LONG ? sizeof(body) : 3, 0);
	now.kept[now.kept_count++] = request;
	return brood_on_ready(request, on_ready, NULL) == 0;
}

static void on_request(brood_request_t *request, void *user)
{
	(void)user;
	if (talk(request))
		return;
	if (now.choices & CHOICE_KEEPS && now.kept_count < KEPT_MOST)
		now.kept[now.kept_count++] = request;
	else
		answer(request);
}

static void on_notify(uint32_t topic, const void *bytes, size_t size, void *user)
{
	(void)topic;
	(void)user;
	assert(size == 0 || bytes);
}

static void start(unsigned depth);

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	size_t size;

	(void)id;
	now.ended++;
	assert(a->code <= 16 && a->text);
	assert((a->code == BROOD_OK) == (a->text[0] == '\0') || a->code != BROOD_OK);
	(void)brood_answer_find(a, "k", &size);
	if (a->fd_count > 0)
		close(brood_answer_take_fd(a, 0));
	if (user)
		start(0);
}

static char again;

/* Starts calls, the first of which starts another when it ends. */
static void start(unsigned depth)
{
	const struct brood_call_options o = {.timeout = depth == 1 ? 60000 : 0,
					     .idempotent = 1,
					     .order = depth,
					     .fds = &now.spare,
					     .fd_count = now.choices & CHOICE_FDS ? depth : 0};
	uint32_t id;

	if (brood_call_start(now.b, depth ? "m" : NULL, body, now.choices & CHOICE_LONG ? sizeof(body) : 5,
			     &o, on_answer, depth == 1 ? &again : NULL, &id) < 0)
		return;
	now.started++;
	if (now.choices & CHOICE_CANCELS && depth == 2)
		(void)brood_cancel(now.b, id);
}

static void on_stream(brood_stream_t *stream, void *user)
{
	const struct brood_meta *meta;
	const void *bytes;
	size_t size;
	int rc;

	(void)user;
	(void)!brood_stream_headers(stream, &meta, &size, 0);
	while ((rc = brood_stream_recv(stream, &bytes, &size, 0)) > 0)
		assert(bytes || size == 0);
	assert(rc == 0 || rc == -EAGAIN);
	assert((rc == 0) == (brood_stream_answer(stream) != NULL) || rc == -EAGAIN);
	(void)!brood_stream_send(stream, body, now.choices & CHOICE_LONG ? sizeof(body) : 5, 0);
	if (now.choices & CHOICE_ERRS)
		(void)brood_stream_end(stream);
}

static void start_streams(void)
{
	if (!(now.choices & CHOICE_STREAMS))
		return;
	for (size_t i = 0; i < STREAMS; i++) {
		int rc = i == 0 ? brood_stream_open(now.b, "m", NULL, &now.streams[i])
				: brood_stream_call(now.b, "m", body, 5, NULL, &now.streams[i]);

		if (rc < 0)
			continue;
		brood_stream_on_ready(now.streams[i], on_stream, NULL);
		if (now.choices & CHOICE_CANCELS && i == 1)
			(void)brood_stream_cancel(now.streams[i]);
	}
}

/* Each ends exactly once, at the latest with the handle. */
static void end_streams(void)
{
	const void *bytes;
	size_t size;

	for (size_t i = 0; i < STREAMS; i++) {
		if (!now.streams[i])
			continue;
		while (brood_stream_recv(now.streams[i], &bytes, &size, -1) > 0)
			;
		assert(brood_stream_answer(now.streams[i]));
		brood_stream_free(now.streams[i]);
		now.streams[i] = NULL;
	}
}

/* Steps until nothing happens any more, or the end. */
static int settle(void)
{
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++) {
		rc = brood_process(now.b);
		hear();
	}
	return rc;
}

/* Some bytes, and with them up to three descriptors if the input wants that. */
static ssize_t send_piece(const uint8_t *bytes, size_t size)
{
	char control[CMSG_SPACE(3 * sizeof(int))] = {0};
	struct iovec vector = {(void *)(uintptr_t)bytes, size};
	struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
	size_t count = now.choices & CHOICE_FDS ? bytes[0] / 4u % 4u : 0;

	if (count > 0) {
		struct cmsghdr *c = (struct cmsghdr *)(void *)control;

		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &now.spare, sizeof(int));
	}
	return sendmsg(now.peer, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A worker asks what it has parked; the answer is whatever has come. */
static void fetch(void)
{
	struct brood_stored got[2];
	int n = brood_worker_fetch(now.b, "a", got, 2, 1);

	for (int i = 0; i < n && i < 2; i++) {
		if (got[i].fd >= 0)
			close(got[i].fd);
	}
}

static int feed(const uint8_t *stream, size_t size, size_t piece, bool asks)
{
	int rc = 0;
	bool stops = now.choices & CHOICE_STOPS;

	while (size > 0 && rc == 0) {
		size_t n = piece < size ? piece : size;
		ssize_t sent = send_piece(stream, n);

		if (sent > 0) {
			stream += sent;
			size -= (size_t)sent;
		}
		if (asks)
			fetch();
		asks = false;
		rc = settle();
		if (stops && size < 100) {
			brood_stop(now.b);
			stops = false;
		}
	}
	return rc;
}

static void write_greeting(uint8_t type)
{
	struct hello h = {.version_min = 1,
			  .version_max = 1,
			  .max_frame = BROOD_MAX_FRAME_LEAST,
			  .max_message = 1 << 20,
			  .stream_window = 8192,
			  .conn_window = 16384,
			  .slots = CALLS + STREAMS + 1,
			  .features = (now.choices & CHOICE_FDS ? FEATURE_FDS | FEATURE_STORE : 0u) |
				      (now.choices & CHOICE_STREAMS ? FEATURE_STREAM : 0u) | FEATURE_MEMFD,
			  .lines = "name=fuzz\n",
			  .lines_size = 10};
	uint8_t payload[256];
	uint8_t prefix[FRAME_PREFIX_MOST];
	size_t size = hello_write(payload, sizeof(payload), &h);
	size_t used = frame_prefix(prefix, &(struct frame){.type = type, .body_size = (uint32_t)size});

	if (send(now.peer, prefix, used, MSG_NOSIGNAL) < 0 || send(now.peer, payload, size, MSG_NOSIGNAL) < 0)
		abort();
}

static int open_worker(int fd)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", fd);
	setenv(BROOD_ENV_CHANNEL, text, 1);
	return brood_worker_open(&now.b, on_request, NULL,
				 &(struct brood_worker_options){.slots = 10,
								.on_notify = on_notify,
								.max_message = 40000,
								.fds = now.choices & CHOICE_FDS ? 2 : 0});
}

static int open_client(int fd)
{
	char address[16];

	snprintf(address, sizeof(address), "fd:%d", fd);
	return brood_connect(&now.b, address,
			     &(struct brood_client_options){.timeout = 1000,
							    .on_notify = on_notify,
							    .max_message = 40000,
							    .fds = now.choices & CHOICE_FDS ? 2 : 0,
							    .share_from = 4});
}

/* Answers what was kept; the handle must then come to its end, as the peer has. */
static void finish(bool is_worker, int rc)
{
	shutdown(now.peer, SHUT_WR);
	for (size_t i = 0; i < now.kept_count; i++) {
		if (now.kept[i])
			answer(now.kept[i]);
	}
	for (int i = 0; rc == 0; i++) {
		assert(i < STEPS_MOST);
		rc = settle();
	}
	assert(rc < 0 || is_worker || now.choices & CHOICE_STOPS);
}

static void run(bool is_worker, const uint8_t *stream, size_t size, size_t piece)
{
	int fds[2];
	int rc = 0;
	int lowest = dup(0);

	now.spare = memfd_create("spare", MFD_CLOEXEC);
	if (now.spare < 0 || ftruncate(now.spare, SPARE_SIZE) < 0)
		abort();
	now.kept_count = now.started = now.ended = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	now.peer = fds[0];
	frame_open(&now.ear, FRAME_MOST);
	if (now.choices & CHOICE_GREETS) {
		/* all at once, and the end behind it: nobody waits for more */
		ssize_t n = send(now.peer, stream, size, MSG_NOSIGNAL | MSG_DONTWAIT);

		(void)n;
		shutdown(now.peer, SHUT_WR);
		size = 0;
	} else {
		write_greeting(is_worker ? FRAME_HELLO : FRAME_WELCOME);
	}
	rc = is_worker ? open_worker(fds[1]) : open_client(fds[1]);
	assert(rc == 0 || now.choices & CHOICE_GREETS);
	if (rc == 0) {
		if (now.choices & CHOICE_FOREIGN)
			(void)brood_fd(now.b);
		for (unsigned i = 0; !is_worker && i < CALLS; i++)
			start(i);
		if (!is_worker)
			start_streams();
		rc = feed(stream, size, piece, is_worker && now.choices & CHOICE_FDS);
		finish(is_worker, rc);
		brood_close(now.b);
		end_streams();
		assert(now.started == now.ended);
	}
	hear();
	close(now.peer);
	close(now.spare);
	frame_close(&now.ear);
	fds[0] = dup(0);
	assert(fds[0] == lowest + 1); /* nothing was left open in between */
	close(fds[0]);
	close(lowest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (size < 2 || size > STREAM_MOST)
		return 0;
	now.choices = data[0] | (data[1] & 0x80u ? CHOICE_STREAMS : 0u);
	piece = data[1] & 0x7fu ? 8u * (data[1] & 0x7fu) : 1;
	run(true, data + 2, size - 2, piece);
	run(false, data + 2, size - 2, piece);
	return 0;
}
