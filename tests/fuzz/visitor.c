/* visitor: see visitor.h. */
#include "visitor.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fdsend.h"
#include "fds.h"
#include "hello.h"
#include "memory.h"

enum { BEGUN = 5, FRAME_MOST = 16 << 10, SHARED_LEAST = 2 << 10 };

struct visitor visitors[VISITORS];

void visitor_say(struct visitor *v, const void *bytes, size_t size)
{
	if (v->fd >= 0 && !v->has_left && size > 0 &&
	    send(v->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
		v->is_honest = false; /* half a frame, at best */
}

static void say_frame(struct visitor *v, const struct frame *f)
{
	static uint8_t out[FRAME_MOST];

	visitor_say(v, out, puppet_encode(out, sizeof(out), f));
}

static void greet(struct visitor *v)
{
	struct hello h = {.version_min = 1,
			  .version_max = 1,
			  .max_frame = BROOD_MAX_FRAME,
			  .max_message = BROOD_MAX_MESSAGE,
			  .stream_window = BROOD_STREAM_WINDOW,
			  .conn_window = BROOD_CONN_WINDOW,
			  .features = FEATURE_CANCEL | FEATURE_MEMFD};
	uint8_t payload[HELLO_MOST];
	size_t size = hello_write(payload, sizeof(payload), &h);

	if (v->has_greeted)
		v->is_honest = false;
	v->has_greeted = true;
	say_frame(v, &(struct frame){.type = FRAME_HELLO, .body = payload, .body_size = (uint32_t)size});
}

void visitor_open(struct visitor *v, struct supervisor *s, bool greets)
{
	struct peer peer = {.uid = (uid_t)(v - visitors), .pid = 1};
	int ends[2];

	if (v->fd >= 0)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		abort();
	*v = (struct visitor){.fd = ends[0], .is_honest = true};
	frame_open(&v->ear, BROOD_MAX_FRAME);
	client_open(s, 0, ends[1], &peer);
	if (greets)
		greet(v);
}

void visitor_adopt(struct visitor *v, int fd, bool greets)
{
	visitor_close(v);
	*v = (struct visitor){.fd = fd};
	frame_open(&v->ear, BROOD_MAX_FRAME);
	if (greets)
		greet(v);
}

void visitor_close(struct visitor *v)
{
	if (v->fd < 0)
		return;
	close(v->fd);
	frame_close(&v->ear);
	v->fd = -1;
}

static void name_call(const struct visitor *v, uint32_t id, char body[VISITOR_BODY + 1])
{
	snprintf(body, VISITOR_BODY + 1, "%02u:%08u;", (unsigned)(v - visitors) % 100, id % 100000000);
}

void visitor_distrust(struct puppet *p)
{
	p->is_honest = false;
	for (unsigned i = 0; i < p->count; i++) {
		char name[sizeof(p->held[i].body) + 1] = "";
		unsigned visitor;
		unsigned id;

		memcpy(name, p->held[i].body, p->held[i].size);
		if (sscanf(name, "%u:%u;", &visitor, &id) == 2 && visitor < VISITORS && id / 2 < VISITOR_IDS)
			visitors[visitor].was_with_a_liar[id / 2] = true;
	}
}

/* The end of a call that has begun: all of it is there now, and it is owed an answer. */
void visitor_finish(struct visitor *v)
{
	char name[VISITOR_BODY + 1];

	if (v->unfinished == 0 || v->fd < 0 || v->has_left)
		return;
	name_call(v, v->unfinished, name);
	say_frame(v, &(struct frame){.type = FRAME_DATA,
				     .flags = FLAG_EOM | FLAG_EOS,
				     .id = v->unfinished,
				     .body = (const uint8_t *)name + BEGUN,
				     .body_size = VISITOR_BODY - BEGUN});
	v->is_asked[v->unfinished / 2] = true;
	v->unfinished = 0;
}

/* The body of a call goes into memory; what is lent for the answer nobody takes. */
static int share(struct frame *f, uint8_t *note)
{
	const struct memory_note n = {.body = {100, f->body_size}, .lent = {8192, 100}};
	int fd = memory_make(65536);

	if (fd < 0 || memory_put(fd, n.body, f->body, f->body_size) < 0)
		abort();
	f->flags |= FLAG_MEMFD;
	f->nfds = 1;
	f->body = note;
	f->body_size = memory_write_note(note, &n);
	return fd;
}

static void say_with(struct visitor *v, const struct frame *f, int fd)
{
	struct outbox o = {.first = NULL};
	struct iovec vector[2];
	struct frame with = *f;

	with.fds = fds_new(&fd, 1);
	if (!with.fds || !outbox_frame(&o, &with))
		abort();
	if (fd_send(&o, v->fd, vector, 2) != (ssize_t)outbox_bytes(&o))
		v->is_honest = false;
	outbox_close(&o);
	fds_unref(with.fds);
}

void visitor_call(struct visitor *v, size_t size, bool begins_only)
{
	uint8_t note[FRAME_NOTE_LENDS];
	static uint8_t body[FRAME_MOST / 2];
	char name[VISITOR_BODY + 1];
	struct frame f = {.type = FRAME_CALL, .flags = FLAG_EOM | FLAG_EOS, .body = body};

	if (v->fd < 0 || v->has_left || v->last_id + 2 >= 2 * VISITOR_IDS)
		return;
	if (!v->has_greeted)
		v->is_honest = false;
	visitor_finish(v);
	v->last_id += v->last_id == 0 ? 1 : 2;
	f.id = v->last_id;
	f.body_size = (uint32_t)(size < VISITOR_BODY ? VISITOR_BODY : size);
	name_call(v, f.id, name);
	memcpy(body, name, VISITOR_BODY);
	if (begins_only) {
		f.flags = 0;
		f.body_size = BEGUN;
		v->unfinished = f.id;
	}
	if (!begins_only && f.body_size >= SHARED_LEAST && v->may_share)
		say_with(v, &f, share(&f, note));
	else
		say_frame(v, &f);
	v->is_asked[f.id / 2] = !begins_only;
}

void visitor_cancel(struct visitor *v)
{
	if (v->last_id == 0 || v->fd < 0 || v->has_left)
		return;
	say_frame(v, &(struct frame){.type = FRAME_CANCEL, .id = v->last_id});
	v->is_asked[v->last_id / 2] = true; /* if it had only begun, this asks for its answer */
	v->unfinished = 0;
}

/* An answer of an honest worker is for this very call, and nobody else can give it. */
static void check_answer(struct visitor *v, const struct frame *f)
{
	char name[VISITOR_BODY + 1];

	assert(f->id % 2 == 1);
	if (f->id / 2 >= VISITOR_IDS)
		return; /* it called so itself */
	assert(!v->is_answered[f->id / 2]);
	v->is_answered[f->id / 2] = true;
	if (!v->is_honest)
		return;
	assert(v->is_asked[f->id / 2]);
	name_call(v, f->id, name);
	if (f->arg == 0 && f->flags & FLAG_EOM && !v->was_with_a_liar[f->id / 2])
		assert(v->heard_size[f->id / 2] == VISITOR_BODY &&
		       memcmp(v->heard[f->id / 2], name, VISITOR_BODY) == 0);
}

/* The beginning of an answer, which may come in parts. */
static void collect(struct visitor *v, const struct frame *f)
{
	uint32_t n = f->id / 2;
	size_t size = f->body_size;

	if (n >= VISITOR_IDS || (f->type != FRAME_DATA && f->type != FRAME_REPLY))
		return;
	if (size > VISITOR_BODY - (size_t)v->heard_size[n])
		size = VISITOR_BODY - (size_t)v->heard_size[n];
	if (size > 0)
		memcpy(v->heard[n] + v->heard_size[n], f->body, size);
	v->heard_size[n] = (uint8_t)(v->heard_size[n] + size);
}

/* Does brood take bodies in memory? */
static bool is_offered(const struct frame *f)
{
	struct hello h;

	return hello_read(f->body, f->body_size, &h) == HELLO_OK && h.features & FEATURE_MEMFD;
}

bool visitor_is_owed(const struct visitor *v)
{
	if (v->fd < 0 || !v->is_honest)
		return false;
	for (unsigned i = 0; i < VISITOR_IDS; i++) {
		if (v->is_asked[i] && !v->is_answered[i])
			return true;
	}
	return false;
}

void visitor_hear(struct visitor *v)
{
	static uint8_t bytes[64 << 10];
	struct frame f;
	ssize_t n;

	if (v->fd < 0 || v->is_deaf)
		return;
	while ((n = recv(v->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		enum frame_result result;

		frame_feed(&v->ear, bytes, (size_t)n);
		while ((result = frame_next(&v->ear, &f)) == FRAME_OK) {
			assert(frame_type_is_known(f.type));
			assert(f.type != FRAME_GOAWAY || !v->is_honest);
			collect(v, &f);
			if (f.type == FRAME_WELCOME)
				v->may_share = is_offered(&f);
			if (f.type == FRAME_REPLY)
				check_answer(v, &f);
		}
		assert(result == FRAME_MORE);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		/* nobody else's deeds end a connection, and who only says nothing more gets all answers */
		assert(!v->is_honest || (v->has_left && !visitor_is_owed(v)));
		visitor_close(v);
	}
}
