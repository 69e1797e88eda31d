/* raw: see raw.h. */
#include "raw.h"

#include "check.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "head.h"
#include "outbox.h"
#include "stage.h"

struct raw raw;

void raw_connect(const char *address)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", address + 5);
	raw.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(raw.fd, (struct sockaddr *)&a, sizeof(a)), 0);
	frame_open(&raw.in, BROOD_MAX_FRAME);
	raw.has_input = false;
}

void raw_close(void)
{
	close(raw.fd);
	frame_close(&raw.in);
}

void raw_bytes(const void *bytes, size_t size)
{
	assert_int_equal(send(raw.fd, bytes, size, MSG_NOSIGNAL), size);
}

size_t raw_encode(unsigned char *out, const struct frame *f)
{
	size_t n = frame_prefix(out, f);

	memset(out + n, 0, frame_padded(f->head_size));
	if (f->head_size > 0)
		memcpy(out + n, f->head, f->head_size);
	n += frame_padded(f->head_size);
	if (f->body_size > 0)
		memcpy(out + n, f->body, f->body_size);
	return n + f->body_size;
}

void raw_send(const struct frame *f)
{
	static unsigned char out[1 << 20];

	raw_bytes(out, raw_encode(out, f));
}

size_t raw_encode_hello(unsigned char *out, uint16_t least, uint16_t most)
{
	struct hello h = {.version_min = least,
			  .version_max = most,
			  .max_frame = BROOD_MAX_FRAME,
			  .max_message = BROOD_MAX_MESSAGE,
			  .stream_window = BROOD_STREAM_WINDOW,
			  .conn_window = BROOD_CONN_WINDOW,
			  .features = raw.features};
	unsigned char payload[HELLO_MOST];
	struct frame f = {.type = FRAME_HELLO, .body = payload};

	f.body_size = (uint32_t)hello_write(payload, sizeof(payload), &h);
	return raw_encode(out, &f);
}

bool raw_receive(struct frame *f)
{
	for (;;) {
		enum frame_result r = raw.has_input ? frame_next(&raw.in, f) : FRAME_MORE;
		struct pollfd p = {.fd = raw.fd, .events = POLLIN};
		ssize_t n;

		if (r == FRAME_OK)
			return true;
		assert_int_equal(r, FRAME_MORE);
		assert_int_equal(poll(&p, 1, STAGE_WAIT_MS), 1);
		n = recv(raw.fd, raw.buffer, sizeof(raw.buffer), 0);
		if (n <= 0)
			return false;
		frame_feed(&raw.in, raw.buffer, (size_t)n);
		raw.has_input = true;
	}
}

bool raw_await(uint8_t type, struct frame *f)
{
	while (raw_receive(f)) {
		if (f->type == type)
			return true;
	}
	return false;
}

void raw_greet(void)
{
	raw_greet_with(BROOD_CLIENT_SLOTS);
}

void raw_greet_with(uint32_t slots)
{
	unsigned char out[HELLO_MOST + 64];
	struct frame f;

	raw_bytes(out, raw_encode_hello(out, 1, 1));
	assert_true(raw_await(FRAME_SLOTS, &f));
	assert_int_equal(f.arg, slots);
}

const char *raw_text(const struct frame *f)
{
	static char text[1024];
	struct head_entry e = {.value = "", .value_size = 0};

	(void)head_find(f->head, f->head_size, ":error", &e);
	snprintf(text, sizeof(text), "%.*s", (int)e.value_size, e.value);
	return text;
}

void raw_call(uint32_t id, const char *method, const char *body)
{
	unsigned char block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame call = {.type = FRAME_CALL,
			     .flags = FLAG_EOM | FLAG_EOS,
			     .id = id,
			     .head = block,
			     .body = (const uint8_t *)body,
			     .body_size = (uint32_t)strlen(body)};

	assert_true(head_add_text(&w, ":method", method));
	call.head_size = (uint32_t)w.size;
	raw_send(&call);
}
