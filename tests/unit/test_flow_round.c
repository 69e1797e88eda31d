/*
 * flow, outbox, frame, assembly: what is sent arrives as it was.
 *
 * One side sends, the other puts together and gives credit back as it consumes, late and in random
 * portions. The receiver keeps its own account of credit, and nobody may overdraw it.
 */
#include "check.h"

#include <stdlib.h>

#include "assembly.h"
#include "contract.h"
#include "dice.h"
#include "tap.h"

enum { IDS = 40 };

static uint8_t head_block[] = {1, 0, 3, 0, 'k', 'v', 'a', 'l'};

struct link {
	struct dice dice;
	struct outbox out;
	struct flow_set set;
	struct frame_decoder decoder;
	struct assembly calls;
	struct assembly replies;
	/* credit as the receiver counts it, and what it still has to give back */
	int64_t credit;
	int64_t stream_credit[IDS];
	uint32_t owed;
	uint32_t stream_owed[IDS];
	size_t sizes[IDS]; /* of the messages on their way; SIZE_MAX: none */
	size_t missing;
	size_t released;
};

static void link_open(struct link *l, struct dice dice, uint32_t max_frame, uint32_t window,
		      uint32_t conn_window)
{
	*l = (struct link){.dice = dice, .credit = conn_window};
	l->set = (struct flow_set){.out = &l->out,
				   .max_frame = max_frame,
				   .stream_window = window,
				   .credit = conn_window};
	l->calls = (struct assembly){.max_message = 16 << 20, .max_held = 256 << 20};
	l->replies = l->calls;
	l->replies.of_replies = true;
	for (size_t i = 0; i < IDS; i++) {
		l->sizes[i] = SIZE_MAX;
		l->stream_credit[i] = window;
	}
	frame_open(&l->decoder, max_frame);
}

static void link_close(struct link *l)
{
	assert_int_equal(l->set.waiting, 0);
	assert_int_equal(l->calls.held, 0);
	assert_int_equal(l->replies.held, 0);
	assert_null(l->set.first);
	flow_close(&l->set);
	outbox_close(&l->out);
	assembly_close(&l->calls);
	assembly_close(&l->replies);
	frame_close(&l->decoder);
}

static void count_release(void *owner)
{
	struct link *l = owner;

	l->released++;
}

/* Odd ids are calls, even ones replies; every third body is lent, half of them have a head. */
static void link_send(struct link *l, uint32_t id, size_t size)
{
	uint8_t type = id & 1 ? FRAME_CALL : FRAME_REPLY;
	struct frame f = tap_frame(type, id, FLAG_EOM | FLAG_EOS, size);

	f.arg = id * 1000;
	if (id % 4 < 2) {
		f.head = head_block;
		f.head_size = sizeof(head_block);
	}
	l->sizes[id] = size;
	l->missing++;
	if (id % 3 == 0) {
		assert_true(flow_send(&l->set, &f, count_release, l));
		return;
	}
	l->released++;
	assert_true(flow_send(&l->set, &f, NULL, NULL));
}

static void check_message(struct link *l, const struct message *m)
{
	uint32_t id = m->frame.id;

	assert_int_equal(m->frame.type, id & 1 ? FRAME_CALL : FRAME_REPLY);
	assert_int_equal(m->frame.arg, id * 1000);
	assert_int_equal(m->frame.head_size, id % 4 < 2 ? sizeof(head_block) : 0);
	if (m->frame.head_size > 0)
		assert_memory_equal(m->frame.head, head_block, sizeof(head_block));
	assert_int_equal(m->frame.body_size, l->sizes[id]);
	if (m->frame.body_size > 0)
		assert_memory_equal(m->frame.body, tap_pattern(id), l->sizes[id]);
	l->sizes[id] = SIZE_MAX;
	l->missing--;
}

static void account(struct link *l, const struct frame *f)
{
	if (f->type != FRAME_DATA && (f->type != FRAME_CALL || f->flags & FLAG_EOM))
		return;
	l->credit -= f->body_size;
	l->stream_credit[f->id] -= f->body_size;
	assert_true(l->credit >= 0);
	assert_true(l->stream_credit[f->id] >= 0);
	l->owed += f->body_size;
	l->stream_owed[f->id] += f->body_size;
}

static void receive(struct link *l, const void *bytes, size_t size)
{
	struct frame f;
	struct message *m;
	enum frame_result result;

	frame_feed(&l->decoder, bytes, size);
	while ((result = frame_next(&l->decoder, &f)) == FRAME_OK) {
		account(l, &f);
		switch (assembly_add(f.id & 1 ? &l->calls : &l->replies, &f, &m)) {
		case ASSEMBLY_WHOLE:
			check_message(l, m);
			message_free(m);
			break;
		case ASSEMBLY_PART:
			break;
		case ASSEMBLY_UNKNOWN:
		case ASSEMBLY_TOO_LARGE:
		case ASSEMBLY_TOO_MANY:
		case ASSEMBLY_BROKEN:
		case ASSEMBLY_NO_MEMORY:
			fail_msg("frame of id %u is refused", f.id);
		}
	}
	assert_int_equal(result, FRAME_MORE);
}

/* Sends up to `size` bytes through one system call's worth of vector. */
static void transfer(struct link *l, size_t size)
{
	struct iovec vector[8];
	size_t used = outbox_vector(&l->out, vector, 8);
	size_t sent = 0;

	for (size_t i = 0; i < used && sent < size; i++) {
		size_t n = vector[i].iov_len < size - sent ? vector[i].iov_len : size - sent;

		receive(l, vector[i].iov_base, n);
		sent += n;
	}
	outbox_sent(&l->out, sent);
}

/* Gives back a part of what is owed for one id, or all of it. */
static void give_back_one(struct link *l, uint32_t id, uint32_t *owed, int64_t *credit, bool all)
{
	uint32_t bytes = all ? *owed : (uint32_t)dice_below(&l->dice, (size_t)*owed + 1);

	*owed -= bytes;
	*credit += bytes;
	assert_true(flow_credit(&l->set, id, bytes));
}

static void give_back(struct link *l, bool all)
{
	give_back_one(l, 0, &l->owed, &l->credit, all);
	for (uint32_t id = 1; id < IDS; id++)
		give_back_one(l, id, &l->stream_owed[id], &l->stream_credit[id], all);
}

/* Until everything has arrived. */
static void run(struct link *l)
{
	while (l->missing > 0) {
		bool stuck = outbox_bytes(&l->out) == 0;

		transfer(l, stuck ? 0 : 1 + dice_below(&l->dice, 100000));
		if (stuck || dice_once_in(&l->dice, 4))
			give_back(l, stuck || dice_once_in(&l->dice, 2));
		flow_pump(&l->set);
		/* all credit given back and still nothing to send: it would wait for ever */
		if (stuck && outbox_bytes(&l->out) == 0)
			fail_msg("%zu messages wait for ever", l->missing);
	}
	while (outbox_bytes(&l->out) > 0)
		transfer(l, SIZE_MAX);
}

static size_t interesting(uint32_t max_frame, uint32_t window, size_t sizes[64])
{
	size_t n = 0;

	for (size_t head = 0; head <= 16; head += 16) {
		size_t room = max_frame - FRAME_HEADER - 16 - head;

		for (size_t off = 0; off <= 2; off++) {
			sizes[n++] = off;
			sizes[n++] = room - 1 + off;
			sizes[n++] = room + 15 + off; /* where no LENGTH word is needed */
			sizes[n++] = 2 * room - 1 + off;
			sizes[n++] = window - 1 + off;
			sizes[n++] = 2u * window + off;
			sizes[n++] = window + room - 1 + off;
			sizes[n++] = 1024 * off + room;
		}
	}
	sizes[n++] = 5000000;
	sizes[n++] = 3 << 20;
	return n;
}

static void check_sizes(struct dice *dice, uint32_t max_frame, uint32_t window,
			uint32_t conn_window)
{
	static struct link l;
	size_t sizes[64];
	size_t count = interesting(max_frame, window, sizes);

	for (size_t i = 0; i < count; i++) {
		link_open(&l, *dice, max_frame, window, conn_window);
		for (uint32_t id = 1; id <= 4; id++)
			link_send(&l, id, sizes[(i + (id - 1) / 2) % count]);
		run(&l);
		assert_int_equal(l.released, 4);
		dice_throw(dice);
		link_close(&l);
	}
}

static void every_size_arrives_by_small_frames_and_windows(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	check_sizes(&dice, BROOD_MAX_FRAME_LEAST, 4096, 4096);
	check_sizes(&dice, BROOD_MAX_FRAME_LEAST, 65536, 100000);
}

static void every_size_arrives_by_default_frames_and_windows(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	check_sizes(&dice, BROOD_MAX_FRAME, BROOD_STREAM_WINDOW, BROOD_CONN_WINDOW);
}

static void many_messages_arrive_at_once(void **state)
{
	static struct link l;
	struct dice dice = dice_open();

	(void)state;
	for (int round = 0; round < 60; round++) {
		uint32_t window = 4096u << dice_below(&dice, 9);
		uint32_t times = 1 + (uint32_t)dice_below(&dice, 4);

		link_open(&l, dice, BROOD_MAX_FRAME_LEAST, window, window * times);
		for (uint32_t id = 1; id < IDS; id++)
			link_send(&l, id, dice_below(&dice, 1u << dice_below(&dice, 19)));
		run(&l);
		assert_int_equal(l.released, IDS - 1);
		link_close(&l);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_size_arrives_by_small_frames_and_windows),
	cmocka_unit_test(every_size_arrives_by_default_frames_and_windows),
	cmocka_unit_test(many_messages_arrive_at_once),
};

CHECK_MAIN(tests)
