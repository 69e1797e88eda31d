/* outbox: bytes leave in the order in which they came, and lent ones are given back, once each. */
#include "check.h"

#include <stdlib.h>

#include "dice.h"
#include "outbox.h"
#include "sample.h"

enum { LOANS_MOST = 64, LARGE = 3 * OUTBOX_LEND_LEAST };

/* Numbers of the loans that were given back. */
static unsigned returned[LOANS_MOST];
static size_t returns;

static void give_back(void *owner)
{
	assert_in_range(returns, 0, LOANS_MOST - 1);
	returned[returns++] = *(unsigned *)owner;
}

static unsigned loans[LOANS_MOST];

static int number_loans(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LOANS_MOST; i++)
		loans[i] = i;
	returns = 0;
	return 0;
}

/* Bytes that tell where they belong: the n-th byte of everything that is ever added. */
static uint8_t nth(size_t n)
{
	return (uint8_t)(n * 31 + n / 251);
}

static uint8_t *bytes_from(size_t n, size_t size)
{
	uint8_t *bytes = malloc(size + !size);

	for (size_t i = 0; i < size; i++)
		bytes[i] = nth(n + i);
	return bytes;
}

static void copy(struct outbox *o, size_t size)
{
	uint8_t *bytes = bytes_from((size_t)o->added, size);

	assert_true(outbox_add(o, bytes, size));
	free(bytes);
}

/* Looks at what comes next through a vector of `entries`, and sends up to `size` bytes of it. */
static size_t send_some(struct outbox *o, size_t entries, size_t size)
{
	struct iovec vector[8];
	size_t used = outbox_vector(o, vector, entries);
	size_t at = (size_t)o->sent;
	size_t left = size;

	assert_in_range(used, 0, entries);
	for (size_t i = 0; i < used && left > 0; i++) {
		size_t n = vector[i].iov_len < left ? vector[i].iov_len : left;

		assert_int_not_equal(n, 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(((const uint8_t *)vector[i].iov_base)[k], nth(at++));
		left -= n;
	}
	outbox_sent(o, size - left);
	assert_int_equal(o->added - o->sent, outbox_bytes(o));
	return size - left;
}

static void send_all(struct outbox *o)
{
	while (outbox_bytes(o) > 0)
		assert_int_not_equal(send_some(o, 8, SIZE_MAX), 0);
}

static void an_empty_one_has_nothing(void **state)
{
	struct outbox o = {0};
	struct iovec vector[2];

	(void)state;
	assert_true(outbox_add(&o, NULL, 0));
	assert_int_equal(outbox_vector(&o, vector, 2), 0);
	outbox_sent(&o, 0);
	assert_int_equal(outbox_bytes(&o), 0);
	assert_null(o.first);
	outbox_close(&o);
	outbox_close(&o);
}

static void small_additions_share_a_segment(void **state)
{
	struct outbox o = {0};
	struct iovec vector[4];

	(void)state;
	for (int i = 0; i < 100; i++)
		copy(&o, 30);
	assert_int_equal(outbox_vector(&o, vector, 4), 1);
	assert_int_equal(vector[0].iov_len, 3000);
	copy(&o, 2000);
	assert_int_equal(outbox_vector(&o, vector, 4), 2);
	assert_int_equal(outbox_vector(&o, vector, 1), 1);
	assert_int_equal(outbox_vector(&o, vector, 0), 0);
	send_all(&o);
	assert_null(o.first);
	outbox_close(&o);
}

static void every_size_is_sent_whole(void **state)
{
	(void)state;
	for (size_t size = 0; size < 9000; size += size < 3980 || size > 4020 ? 97 : 1) {
		struct outbox o = {0};

		copy(&o, size);
		copy(&o, 1);
		assert_int_equal(outbox_bytes(&o), size + 1);
		send_all(&o);
		outbox_close(&o);
	}
}

/* Copies, a loan, copies, a loan, a copy. */
static size_t fill_mixed(struct outbox *o, uint8_t *lent[2])
{
	copy(o, 10);
	copy(o, 20);
	lent[0] = bytes_from((size_t)o->added, 40);
	assert_true(outbox_lend(o, lent[0], 40, give_back, &loans[0]));
	copy(o, 7);
	lent[1] = bytes_from((size_t)o->added, 9);
	assert_true(outbox_lend(o, lent[1], 9, give_back, &loans[1]));
	copy(o, 5);
	return 10 + 20 + 40 + 7 + 9 + 5;
}

static void it_may_be_sent_in_two_parts_at_every_byte(void **state)
{
	(void)state;
	for (size_t entries = 1; entries <= 8; entries++) {
		for (size_t cut = 0; cut <= 91; cut++) {
			struct outbox o = {0};
			uint8_t *lent[2];
			size_t size = fill_mixed(&o, lent);
			size_t sent = send_some(&o, entries, cut);

			if (entries == 8)
				assert_int_equal(sent, cut);
			assert_int_equal(returns, (size_t)(sent >= 70) + (size_t)(sent >= 86));
			while (outbox_bytes(&o) > 0)
				send_some(&o, entries, size);
			assert_int_equal(returns, 2);
			assert_int_equal(returned[0], 0);
			assert_int_equal(returned[1], 1);
			outbox_close(&o);
			assert_int_equal(returns, 2);
			returns = 0;
			free(lent[0]);
			free(lent[1]);
		}
	}
}

static void it_may_be_sent_byte_by_byte_while_more_is_added(void **state)
{
	struct outbox o = {0};

	(void)state;
	copy(&o, 1);
	for (int i = 0; i < 10000; i++) {
		copy(&o, 2);
		assert_int_equal(send_some(&o, 1, 1), 1);
	}
	send_all(&o);
	assert_int_equal(o.sent, 20001);
	outbox_close(&o);
}

static void a_loan_is_read_in_place(void **state)
{
	static uint8_t large[LARGE];
	struct outbox o = {0};
	struct iovec vector[2];

	(void)state;
	assert_true(outbox_lend(&o, large, LARGE, give_back, &loans[3]));
	assert_int_equal(outbox_vector(&o, vector, 2), 1);
	assert_ptr_equal(vector[0].iov_base, large);
	assert_int_equal(vector[0].iov_len, LARGE);
	outbox_sent(&o, LARGE - 1);
	assert_int_equal(returns, 0);
	assert_int_equal(outbox_vector(&o, vector, 2), 1);
	assert_ptr_equal(vector[0].iov_base, large + LARGE - 1);
	outbox_sent(&o, 1);
	assert_int_equal(returns, 1);
	assert_int_equal(returned[0], 3);
	outbox_close(&o);
}

static void nothing_lent_is_given_back_at_once(void **state)
{
	struct outbox o = {0};

	(void)state;
	assert_true(outbox_lend(&o, "", 0, give_back, &loans[5]));
	assert_int_equal(returns, 1);
	assert_null(o.first);
	outbox_close(&o);
	assert_int_equal(returns, 1);
}

static void what_lives_for_ever_needs_no_release(void **state)
{
	struct outbox o = {0};

	(void)state;
	assert_true(outbox_lend(&o, "", 0, NULL, NULL));
	assert_true(outbox_lend(&o, "for ever", 8, NULL, NULL));
	assert_true(outbox_lend(&o, "and ever", 8, NULL, NULL));
	outbox_sent(&o, 8);
	outbox_close(&o);
}

/* Sends so many bytes, keeps the rest, spoils what was lent, and looks whether all arrives. */
static void keep_behind(size_t sent)
{
	static uint8_t lent[LARGE];
	uint8_t came[5 + LARGE];
	struct outbox o = {0};
	struct iovec vector[8];
	size_t size = 0;
	size_t n;

	memset(lent, 'x', sizeof(lent));
	copy(&o, 5);
	assert_true(outbox_lend(&o, lent, sizeof(lent), NULL, NULL));
	for (size_t left = sent; (n = outbox_vector(&o, vector, 8)) > 0; left = SIZE_MAX) {
		for (size_t i = 0; i < n && left > 0; i++) {
			size_t part = vector[i].iov_len < left ? vector[i].iov_len : left;

			memcpy(came + size, vector[i].iov_base, part);
			size += part;
			left -= part;
		}
		outbox_sent(&o, size - (size_t)o.sent);
		assert_true(outbox_keep_last(&o));
		memset(lent, 'y', sizeof(lent));
	}
	assert_int_equal(size, sizeof(came));
	for (size_t i = 5; i < size; i++)
		assert_int_equal(came[i], 'x');
	outbox_close(&o);
}

static void what_is_lent_for_a_moment_is_kept_as_far_as_it_was_not_sent(void **state)
{
	static const size_t sent[] = {0, 4, 5, 6, 5 + LARGE / 2, 5 + LARGE - 1, 5 + LARGE};

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		keep_behind(sent[i]);
}

static void what_has_a_release_or_was_copied_stays_as_it_is(void **state)
{
	static uint8_t large[LARGE];
	struct outbox o = {0};
	struct outbox_segment *last;

	(void)state;
	assert_true(outbox_keep_last(&o));
	copy(&o, 3);
	last = o.last;
	assert_true(outbox_keep_last(&o));
	assert_ptr_equal(o.last, last);
	assert_true(outbox_lend(&o, large, LARGE, give_back, &loans[0]));
	last = o.last;
	assert_true(outbox_keep_last(&o));
	assert_ptr_equal(o.last, last);
	outbox_close(&o);
}

static void closing_gives_all_loans_back_in_order(void **state)
{
	static uint8_t bytes[8];
	struct outbox o = {0};

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		copy(&o, 3);
		assert_true(outbox_lend(&o, bytes, sizeof(bytes), give_back, &loans[i]));
	}
	outbox_sent(&o, 3 + 8 + 3 + 4); /* in the middle of the second */
	assert_int_equal(returns, 1);
	outbox_close(&o);
	assert_int_equal(outbox_bytes(&o), 0);
	assert_int_equal(o.sent, o.added);
	assert_int_equal(returns, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(returned[i], i);
	copy(&o, 1); /* it may be used again */
	send_all(&o);
	outbox_close(&o);
}

/* Gives a loan back by adding to the same outbox. */
static void add_more(void *owner)
{
	assert_true(outbox_add(owner, "more", 4));
}

static void a_release_may_add(void **state)
{
	struct outbox o = {0};
	struct iovec vector[4];

	(void)state;
	assert_true(outbox_lend(&o, "lent", 4, add_more, &o));
	assert_true(outbox_add(&o, "rest", 4));
	outbox_sent(&o, 6);
	assert_int_equal(outbox_bytes(&o), 6);
	assert_int_equal(outbox_vector(&o, vector, 4), 1);
	assert_memory_equal(vector[0].iov_base, "stmore", 6);
	outbox_sent(&o, 6);
	assert_true(outbox_lend(&o, "last", 4, add_more, &o));
	outbox_sent(&o, 4);
	assert_int_equal(outbox_bytes(&o), 4);
	outbox_close(&o);
}

/* The bytes of an outbox in one piece; returns how many. */
static size_t flatten(const struct outbox *o, uint8_t *out)
{
	struct iovec vector[8];
	size_t used = outbox_vector(o, vector, 8);
	size_t size = 0;

	for (size_t i = 0; i < used; i++) {
		memcpy(out + size, vector[i].iov_base, vector[i].iov_len);
		size += vector[i].iov_len;
	}
	return size;
}

static void a_frame_is_added_as_it_goes_on_the_wire(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 4u << SAMPLE_WORDS; shape++) {
		struct frame f = sample_frame(FRAME_CALL, shape >> 2, shape & 1, shape & 2);
		uint8_t expected[SAMPLE_MOST];
		uint8_t actual[SAMPLE_MOST];
		size_t size = sample_encode(expected, &f);
		struct outbox o = {0};

		assert_true(outbox_frame(&o, &f));
		assert_int_equal(outbox_bytes(&o), size);
		assert_int_equal(flatten(&o, actual), size);
		assert_memory_equal(actual, expected, size);
		outbox_close(&o);
		assert_true(outbox_frame_without_body(&o, &f));
		assert_int_equal(outbox_bytes(&o), size - f.body_size);
		assert_true(outbox_add(&o, f.body, f.body_size));
		assert_int_equal(flatten(&o, actual), size);
		assert_memory_equal(actual, expected, size);
		outbox_close(&o);
	}
}

/* One random step: a copy, a loan or a partial send. */
static void random_step(struct outbox *o, struct dice *d, uint8_t **lent, size_t *loan)
{
	size_t size = dice_below(d, dice_once_in(d, 8) ? 9000 : 200);

	switch (dice_below(d, 3)) {
	case 0:
		copy(o, size);
		break;
	case 1:
		if (*loan == LOANS_MOST)
			break;
		lent[*loan] = bytes_from((size_t)o->added, size + 1);
		assert_true(outbox_lend(o, lent[*loan], size + 1, give_back, &loans[*loan]));
		++*loan;
		break;
	default:
		send_some(o, 1 + dice_below(d, 8), size);
		break;
	}
}

static void random_steps_keep_bytes_and_loans_in_order(void **state)
{
	struct dice d = dice_open();

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct outbox o = {0};
		uint8_t *lent[LOANS_MOST];
		size_t loan = 0;

		returns = 0;
		for (size_t steps = dice_below(&d, 200); steps > 0; steps--)
			random_step(&o, &d, lent, &loan);
		if (dice_once_in(&d, 2))
			send_all(&o);
		outbox_close(&o);
		assert_int_equal(returns, loan);
		for (size_t i = 0; i < loan; i++) {
			assert_int_equal(returned[i], i);
			free(lent[i]);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup(name, number_loans)

static const struct CMUnitTest tests[] = {
	TEST(an_empty_one_has_nothing),
	TEST(small_additions_share_a_segment),
	TEST(every_size_is_sent_whole),
	TEST(it_may_be_sent_in_two_parts_at_every_byte),
	TEST(it_may_be_sent_byte_by_byte_while_more_is_added),
	TEST(a_loan_is_read_in_place),
	TEST(nothing_lent_is_given_back_at_once),
	TEST(what_lives_for_ever_needs_no_release),
	TEST(what_is_lent_for_a_moment_is_kept_as_far_as_it_was_not_sent),
	TEST(what_has_a_release_or_was_copied_stays_as_it_is),
	TEST(closing_gives_all_loans_back_in_order),
	TEST(a_release_may_add),
	TEST(a_frame_is_added_as_it_goes_on_the_wire),
	TEST(random_steps_keep_bytes_and_loans_in_order),
};

CHECK_MAIN(tests)
