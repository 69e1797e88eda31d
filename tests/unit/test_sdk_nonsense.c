/*
 * sdk_nonsense: random bytes, random frames and damaged conversations from the other side.
 *
 * Whatever comes, the handle speaks nothing but frames, ends each call once and comes to its end. The seed is printed.
 */
#include "duo.h"

#include <errno.h>
#include <stdlib.h>

#include "dice.h"

enum { ROUNDS = 250, STEPS_MOST = 1000, KEPT_MOST = 300, STREAM_MOST = 20000 };

static struct duo d;
static struct dice dice;
static brood_request_t *kept[KEPT_MOST];
static size_t kept_count;
static unsigned started;
static unsigned ended;

static void answer(brood_request_t *r)
{
	static const uint8_t body[100000];

	switch (dice_below(&dice, 4)) {
	case 0:
		(void)brood_reply(r, body, dice_below(&dice, sizeof(body)));
		break;
	case 1:
		(void)brood_reply_error(r, (unsigned)dice_below(&dice, 18), "because");
		break;
	default:
		(void)brood_reply(r, NULL, 0);
		break;
	}
}

static void on_request(brood_request_t *r, void *user)
{
	(void)user;
	if (kept_count < KEPT_MOST && dice_once_in(&dice, 3))
		kept[kept_count++] = r;
	else
		answer(r);
}

static void on_notify(uint32_t topic, const void *body, size_t size, void *user)
{
	(void)topic;
	(void)body;
	(void)size;
	(void)user;
}

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	(void)id;
	(void)user;
	assert_in_range(a->code, 0, 16);
	ended++;
}

static void open_some(bool is_worker)
{
	struct hello offer = peer_end_offer();

	offer.stream_window = offer.conn_window = 5000;
	offer.max_frame = BROOD_MAX_FRAME_LEAST;
	kept_count = started = ended = 0;
	if (is_worker)
		duo_worker_with(&d, on_request, NULL,
				&(struct brood_worker_options){.slots = 126,
							       .on_notify = on_notify,
							       .max_message = 1 << 20},
				&offer);
	else
		duo_client_with(&d, &(struct brood_client_options){.max_message = 1 << 20}, &offer);
	if (dice_once_in(&dice, 2))
		(void)brood_fd(d.b);
}

/* A client does something now and then. */
static void act(void)
{
	static const uint8_t body[50000];
	uint32_t id;

	if (d.b->is_worker || dice_once_in(&dice, 3))
		return;
	if (brood_call_start(d.b, "m", body, dice_below(&dice, sizeof(body)), NULL, on_answer, NULL, &id) == 0) {
		started++;
		if (dice_once_in(&dice, 5))
			(void)brood_cancel(d.b, id);
	}
	if (dice_once_in(&dice, 5))
		(void)brood_cancel(d.b, (uint32_t)dice_below(&dice, 20));
}

static void throw_away(void)
{
	struct message *m;

	while ((m = peer_end_take(&d.peer))) {
		assert_true(frame_type_is_known(m->frame.type));
		message_free(m);
	}
}

static int rc_of_last_step;

static void step_once(void)
{
	if (rc_of_last_step == 0)
		rc_of_last_step = brood_process(d.b);
	(void)peer_end_hear(&d.peer);
	throw_away();
	act();
}

/* Says the stream in pieces, then ends; the handle must end as well. */
static void say(const uint8_t *stream, size_t size)
{
	size_t piece = 1 + dice_below(&dice, dice_once_in(&dice, 2) ? 10 : 3000);
	int steps = 0;

	rc_of_last_step = 0;
	while (size > 0 && rc_of_last_step == 0) {
		size_t n = piece < size ? piece : size;

		peer_end_bytes(&d.peer, stream, n);
		step_once();
		stream += n;
		size -= n;
	}
	peer_end_half_close(&d.peer);
	for (size_t i = 0; i < kept_count; i++)
		answer(kept[i]);
	while (rc_of_last_step == 0) {
		step_once();
		assert_in_range(++steps, 1, STEPS_MOST);
	}
	if (d.b->is_worker && rc_of_last_step == 1)
		assert_int_equal(channel_waiting(d.b), 0);
	brood_close(d.b);
	(void)peer_end_hear(&d.peer);
	throw_away();
	peer_end_close(&d.peer);
	assert_int_equal(started, ended);
}

static size_t random_bytes(uint8_t *stream, size_t size)
{
	for (size_t i = 0; i < size; i++)
		stream[i] = (uint8_t)dice_throw(&dice);
	return size;
}

static uint32_t some_id(uint8_t type)
{
	if (frame_type_is_known(type) && !frame_id_is_legal(type, 1))
		return 0;
	return (uint32_t)(1 + dice_below(&dice, 12));
}

/* A frame that decodes, of any type and with anything in it. */
static size_t random_frame(uint8_t *at)
{
	static const uint8_t types[] = {FRAME_CALL, FRAME_CALL, FRAME_DATA, FRAME_DATA, FRAME_REPLY,
					FRAME_REPLY, FRAME_CANCEL, FRAME_WINDOW, FRAME_WINDOW, FRAME_NOTIFY,
					FRAME_SLOTS, FRAME_PING, FRAME_FLUSH, FRAME_FLUSHED, FRAME_PONG,
					FRAME_STATUS, FRAME_HEADERS, FRAME_STARTED, 0x7f};
	static const uint8_t bytes[2000];
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct frame f = {.type = types[dice_below(&dice, sizeof(types))],
			  .flags = (uint8_t)dice_below(&dice, FLAGS_KNOWN + 1),
			  .arg = (uint32_t)dice_below(&dice, dice_once_in(&dice, 4) ? UINT32_MAX : 3000),
			  .words = (uint32_t)dice_below(&dice, 128) & ~1u & ~(1u << WORD_META),
			  .length = dice_below(&dice, 3000),
			  .deadline_ms = (uint32_t)dice_below(&dice, 100),
			  .body = bytes};
	uint8_t *encoded;
	size_t size;

	if (dice_once_in(&dice, 30))
		f.type = FRAME_GOAWAY;
	f.id = some_id(f.type);
	if (dice_once_in(&dice, 2))
		f.flags |= FLAG_EOM | FLAG_EOS;
	if (dice_once_in(&dice, 2))
		f.body_size = (uint32_t)dice_below(&dice, sizeof(bytes));
	if (dice_once_in(&dice, 3) && head_add_text(&w, dice_once_in(&dice, 2) ? ":method" : "key", "value")) {
		f.head = block;
		f.head_size = (uint32_t)w.size;
	}
	encoded = peer_end_encode(&f, &size);
	memcpy(at, encoded, size);
	free(encoded);
	return size;
}

static size_t random_frames(uint8_t *stream, size_t size)
{
	size_t used = 0;

	while (used + 3000 < size)
		used += random_frame(stream + used);
	return used;
}

static size_t damaged_frames(uint8_t *stream, size_t size)
{
	size_t used = random_frames(stream, size);

	for (size_t n = 1 + dice_below(&dice, 4); n > 0; n--)
		stream[dice_below(&dice, used)] ^= (uint8_t)(1u << dice_below(&dice, 8));
	return dice_once_in(&dice, 4) ? dice_below(&dice, used) : used;
}

static void run(size_t (*make)(uint8_t *stream, size_t size), size_t rounds)
{
	static uint8_t stream[STREAM_MOST];

	dice = dice_open();
	for (size_t i = 0; i < rounds; i++) {
		size_t size = make(stream, 4000 + dice_below(&dice, STREAM_MOST - 4000));

		open_some(i % 2);
		say(stream, size);
	}
}

static void random_bytes_do_no_harm(void **state)
{
	(void)state;
	run(random_bytes, ROUNDS / 3);
}

static void random_frames_do_no_harm(void **state)
{
	(void)state;
	run(random_frames, ROUNDS);
}

static void damaged_frames_do_no_harm(void **state)
{
	(void)state;
	run(damaged_frames, ROUNDS);
}

/* A handshake with random damage. */
static void a_damaged_greeting_does_no_harm(void **state)
{
	struct hello offer = peer_end_offer();
	uint8_t payload[HELLO_MOST];

	(void)state;
	dice = dice_open();
	offer.lines = "name=a\nkey=value\n";
	offer.lines_size = 17;
	for (size_t i = 0; i < 2 * ROUNDS; i++) {
		bool is_worker = i % 2;
		struct frame f = {.type = is_worker ? FRAME_HELLO : FRAME_WELCOME, .body = payload};
		struct peer_end peer;
		char address[16];
		brood_t *b;
		uint8_t *bytes;
		size_t size;
		int fds[2];

		f.body_size = (uint32_t)hello_write(payload, sizeof(payload), &offer);
		bytes = peer_end_encode(&f, &size);
		for (size_t n = dice_below(&dice, 4); n > 0; n--)
			bytes[dice_below(&dice, size)] ^= (uint8_t)(1u << dice_below(&dice, 8));
		duo_pair(fds);
		peer_end_open(&peer, fds[0], fds[0]);
		peer_end_bytes(&peer, bytes, dice_once_in(&dice, 5) ? dice_below(&dice, size) : size);
		free(bytes);
		peer_end_half_close(&peer);
		duo_channel(fds[1], fds[1]);
		snprintf(address, sizeof(address), "fd:%d", fds[1]);
		if ((is_worker ? brood_worker_open(&b, on_request, NULL, NULL)
			       : brood_connect(&b, address, NULL)) == 0)
			brood_close(b);
		(void)peer_end_hear(&peer);
		peer_end_close(&peer);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(random_bytes_do_no_harm),
	cmocka_unit_test(random_frames_do_no_harm),
	cmocka_unit_test(damaged_frames_do_no_harm),
	cmocka_unit_test(a_damaged_greeting_does_no_harm),
};

CHECK_MAIN(tests)
