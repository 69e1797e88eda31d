/* board: what is read from a copy of the page, whatever stands on it (faults: X16). */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "board.h"

static struct board page;

static int fresh(void **state)
{
	(void)state;
	board_init(&page);
	return 0;
}

static void a_fresh_page_knows_of_nothing(void **state)
{
	(void)state;
	assert_true(board_is_sound(&page));
	assert_false(board_has_started(&page, 2));
	assert_false(board_has_started(&page, 0));
	assert_int_equal(board_started_at(&page, 2), 0);
}

static void a_call_has_started_once_its_slot_says_so(void **state)
{
	struct board_slot *s = &page.slot[BROOD_MAX_SLOTS - 1];

	(void)state;
	s->id = 8;
	s->start_ns = 77;
	assert_false(board_has_started(&page, 8)); /* the id stands there, the state does not: not begun */
	s->state = BOARD_RECEIVED;
	assert_false(board_has_started(&page, 8));
	assert_int_equal(board_started_at(&page, 8), 0);
	s->state = BOARD_STARTED;
	assert_true(board_has_started(&page, 8));
	assert_int_equal(board_started_at(&page, 8), 77);
	assert_false(board_has_started(&page, 10));
	s->state = BOARD_REPLIED; /* and the answer did not come: it has run */
	assert_true(board_has_started(&page, 8));
	assert_int_equal(board_started_at(&page, 8), 0);
	s->state = 4711;
	assert_true(board_has_started(&page, 8));
}

static void a_page_that_is_not_sound_proves_nothing(void **state)
{
	(void)state;
	page.version = 0; /* given up by the worker */
	assert_true(board_has_started(&page, 2));
	board_init(&page);
	page.magic ^= 1;
	assert_true(board_has_started(&page, 2));
	board_init(&page);
	page.slots--;
	assert_true(board_has_started(&page, 2));
	memset(&page, 0, sizeof(page)); /* wiped, by a wild store or a hole punched */
	assert_true(board_has_started(&page, 2));
	assert_int_equal(board_started_at(&page, 2), 0);
}

static void any_bytes_are_read_without_harm(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srandom(seed);
	for (int i = 0; i < 20000; i++) {
		unsigned char *bytes = (unsigned char *)&page;

		for (int n = 0; n < 64; n++)
			bytes[(size_t)random() % sizeof(page)] = (unsigned char)random();
		(void)board_has_started(&page, (uint32_t)random());
		(void)board_started_at(&page, (uint32_t)random());
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(a_fresh_page_knows_of_nothing, fresh),
	cmocka_unit_test_setup(a_call_has_started_once_its_slot_says_so, fresh),
	cmocka_unit_test_setup(a_page_that_is_not_sound_proves_nothing, fresh),
	cmocka_unit_test_setup(any_bytes_are_read_without_harm, fresh),
};

CHECK_MAIN(tests)
