/* history: against a model that simply keeps all lines. */
#include "check.h"

#include <stdlib.h>

#include "dice.h"
#include "history.h"

enum { KEPT_MOST = 20000, LINE_MOST = 2000 };

/* All lines that were ever added. */
static struct {
	char *texts[KEPT_MOST];
	struct history_line lines[KEPT_MOST];
	size_t count;
} all;

/* How a walk goes: the next line that is due, the newest last. */
struct walk {
	size_t next;
	size_t seen;
};

static void forget(void)
{
	for (size_t i = 0; i < all.count; i++)
		free(all.texts[i]);
	all.count = 0;
}

static void add(struct history *h, struct dice *dice, size_t size)
{
	struct history_line line = {
		.wall_ms = (int64_t)all.count,
		.generation = (uint32_t)dice_below(dice, 5),
		.size = (uint16_t)size,
		.stream = (uint8_t)dice_below(dice, 2),
		.is_continued = dice_once_in(dice, 7),
	};
	char *text = malloc(size + 1);

	assert_non_null(text);
	for (size_t i = 0; i < size; i++)
		text[i] = (char)('a' + dice_below(dice, 26));
	all.texts[all.count] = text;
	all.lines[all.count++] = line;
	history_add(h, &line, text);
}

static void take(void *to, const struct history_line *line, const char *text)
{
	struct walk *w = to;
	const struct history_line *expected = &all.lines[w->next];

	assert_true(w->next < all.count);
	assert_int_equal(line->wall_ms, expected->wall_ms);
	assert_int_equal(line->generation, expected->generation);
	assert_int_equal(line->stream, expected->stream);
	assert_int_equal(line->is_continued, expected->is_continued);
	assert_int_equal(line->size, expected->size);
	assert_memory_equal(text, all.texts[w->next], line->size);
	w->next++;
	w->seen++;
}

/* The newest `count` lines are the newest that were added, as many as are still there. */
static void look(const struct history *h, size_t count)
{
	size_t there = count < h->lines ? count : h->lines;
	struct walk w = {.next = all.count - there};

	assert_true(h->lines <= all.count);
	history_walk(h, count, take, &w);
	assert_int_equal(w.seen, there);
	assert_int_equal(w.next, all.count);
}

static void the_newest_lines_are_there_in_order(void **state)
{
	struct dice dice = dice_open();

	(void)state;
	for (size_t limit = 4096; limit <= 65536; limit *= 4) {
		struct history h;
		size_t bytes = 0;

		history_init(&h, limit);
		look(&h, 10);
		for (int i = 0; i < 3000; i++) {
			size_t size = dice_once_in(&dice, 10) ? dice_below(&dice, LINE_MOST) : dice_below(&dice, 100);

			add(&h, &dice, size);
			bytes += size;
			assert_true(h.capacity <= limit);
			assert_true(h.used <= h.capacity);
			assert_true(h.lines > 0);
			if (dice_once_in(&dice, 50))
				look(&h, dice_below(&dice, 200));
		}
		look(&h, SIZE_MAX);
		look(&h, 1);
		look(&h, 0);
		assert_true(bytes > limit && h.lines < all.count); /* the ring has gone round */
		history_close(&h);
		forget();
	}
}

static void most_of_the_room_is_used(void **state)
{
	struct dice dice = dice_open();
	struct history h;
	size_t text = 0;

	(void)state;
	history_init(&h, 16384);
	for (int i = 0; i < 2000; i++)
		add(&h, &dice, 100);
	text = h.lines * 100;
	assert_in_range(text, 16384 * 3 / 4, 16384);
	history_close(&h);
	forget();
}

static void take_size(void *to, const struct history_line *line, const char *text)
{
	(void)text;
	*(size_t *)to = line->size;
}

static void of_a_line_that_is_too_long_the_beginning_is_kept(void **state)
{
	enum { MOST = 4096 - sizeof(struct history_line) };
	struct history_line line = {.wall_ms = 1, .size = 16000};
	struct history h;
	char text[16000];
	size_t kept = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	history_init(&h, 4096);
	history_add(&h, &line, text);
	history_walk(&h, 10, take_size, &kept);
	assert_int_equal(h.lines, 1);
	assert_int_equal(kept, MOST);

	/* the last character would be cut in its middle */
	memcpy(text + MOST - 2, "\xe2\x82\xac", 3);
	history_add(&h, &line, text);
	history_walk(&h, 10, take_size, &kept);
	assert_int_equal(h.lines, 1);
	assert_int_equal(kept, MOST - 2);
	history_close(&h);
}

static void nothing_is_allocated_until_something_is_kept(void **state)
{
	struct history h;

	(void)state;
	history_init(&h, 1 << 20);
	assert_null(h.bytes);
	assert_int_equal(h.capacity, 0);
	history_close(&h);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_newest_lines_are_there_in_order),
	cmocka_unit_test(most_of_the_room_is_used),
	cmocka_unit_test(of_a_line_that_is_too_long_the_beginning_is_kept),
	cmocka_unit_test(nothing_is_allocated_until_something_is_kept),
};

CHECK_MAIN(tests)
