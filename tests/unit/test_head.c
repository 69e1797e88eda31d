/* head: what is written is read back; what is malformed is noticed, wherever it is cut. */
#include "check.h"

#include "head.h"

static void written_is_read_back(void **state)
{
	uint8_t block[256];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct head_reader r;
	struct head_entry e;

	(void)state;
	assert_true(head_add_text(&w, ":method", "thumb"));
	assert_true(head_add(&w, "bin", 3, "\0\1", 2));
	assert_true(head_add_text(&w, "bin", ""));
	assert_true(head_is_well_formed(block, w.size));
	r = (struct head_reader){block, w.size};
	assert_true(head_next(&r, &e));
	assert_true(head_key_is_reserved(&e));
	assert_int_equal(e.key_size, 7);
	assert_memory_equal(e.value, "thumb", 5);
	assert_true(head_next(&r, &e));
	assert_false(head_key_is_reserved(&e));
	assert_int_equal(e.value_size, 2);
	assert_memory_equal(e.value, "\0\1", 2);
	assert_true(head_next(&r, &e));
	assert_int_equal(e.value_size, 0);
	assert_false(head_next(&r, &e));
}

static void the_first_of_repeats_is_found(void **state)
{
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct head_entry e;

	(void)state;
	assert_true(head_add_text(&w, "a", "1"));
	assert_true(head_add_text(&w, "a", "2"));
	assert_true(head_find(block, w.size, "a", &e));
	assert_memory_equal(e.value, "1", 1);
	assert_false(head_find(block, w.size, "b", &e));
	assert_false(head_find(block, 0, "a", &e));
}

/* Callers say beforehand what is meant if the key is missing. */
static void what_is_missing_changes_nothing(void **state)
{
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct head_entry e = {.value = "as before", .value_size = 9};

	(void)state;
	assert_true(head_add_text(&w, "detail", "not this"));
	assert_false(head_find(block, w.size, ":error", &e));
	assert_string_equal(e.value, "as before");
	assert_int_equal(e.value_size, 9);
	assert_null(e.key);
}

static void what_does_not_fit_is_not_written(void **state)
{
	uint8_t block[16];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	assert_false(head_add(&w, "", 0, "x", 1));
	assert_true(head_add_text(&w, "key", "123456789"));
	assert_int_equal(w.size, 16);
	assert_false(head_add_text(&w, "k", ""));
	assert_int_equal(w.size, 16);
}

static void every_prefix_of_a_block_is_malformed(void **state)
{
	uint8_t block[32];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};

	(void)state;
	assert_true(head_add_text(&w, "key", "value"));
	for (size_t size = 1; size < w.size; size++)
		assert_false(head_is_well_formed(block, size));
	assert_true(head_is_well_formed(block, 0));
	assert_true(head_is_well_formed(block, w.size));
	block[0] = 0; /* an empty key */
	assert_false(head_is_well_formed(block, w.size));
}

static void an_entry_needs_all_its_room(void **state)
{
	uint8_t block[32];

	(void)state;
	for (size_t room = 0; room <= 4 + 7 + 3; room++) {
		struct head_writer w = {.block = block, .capacity = room};

		assert_int_equal(head_add_text(&w, ":method", "abc"), room == 4 + 7 + 3);
		assert_int_equal(w.size, room == 4 + 7 + 3 ? room : 0);
	}
}

static void keys_and_values_have_sixteen_bits(void **state)
{
	static char text[UINT16_MAX + 1];
	static uint8_t block[3 * UINT16_MAX];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct head_entry e;

	(void)state;
	assert_false(head_add(&w, text, UINT16_MAX + 1, "", 0));
	assert_false(head_add(&w, "k", 1, text, UINT16_MAX + 1));
	assert_int_equal(w.size, 0);
	assert_true(head_add(&w, text, UINT16_MAX, text, UINT16_MAX));
	assert_int_equal(w.size, 4 + 2 * UINT16_MAX);
	assert_true(head_is_well_formed(block, w.size));
	assert_true(head_next(&(struct head_reader){block, w.size}, &e));
	assert_int_equal(e.key_size, UINT16_MAX);
	assert_int_equal(e.value_size, UINT16_MAX);
}

static void a_key_is_found_by_all_its_bytes(void **state)
{
	uint8_t block[64];
	struct head_writer w = {.block = block, .capacity = sizeof(block)};
	struct head_entry e;

	(void)state;
	assert_true(head_add_text(&w, "abc", "1"));
	assert_true(head_add_text(&w, "abd", "2"));
	assert_true(head_add_text(&w, "ab", ""));
	assert_true(head_find(block, w.size, "abd", &e));
	assert_memory_equal(e.value, "2", 1);
	assert_true(head_find(block, w.size, "ab", &e));
	assert_int_equal(e.value_size, 0);
	assert_false(head_find(block, w.size, "a", &e));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(written_is_read_back),
	cmocka_unit_test(the_first_of_repeats_is_found),
	cmocka_unit_test(what_is_missing_changes_nothing),
	cmocka_unit_test(what_does_not_fit_is_not_written),
	cmocka_unit_test(every_prefix_of_a_block_is_malformed),
	cmocka_unit_test(an_entry_needs_all_its_room),
	cmocka_unit_test(keys_and_values_have_sixteen_bits),
	cmocka_unit_test(a_key_is_found_by_all_its_bytes),
};

CHECK_MAIN(tests)
