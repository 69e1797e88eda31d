/* hello: the handshake payload is read back, and refused when it is cut or contradicts itself. */
#include "check.h"

#include "contract.h"
#include "frame.h"
#include "hello.h"

#define LINES "name=thumbs\ninstance=0\nsetting.path=/a=b\nempty=\n"

static const struct hello sane = {
	.version_min = 1,
	.version_max = 3,
	.max_frame = BROOD_MAX_FRAME,
	.max_message = BROOD_MAX_MESSAGE,
	.stream_window = BROOD_STREAM_WINDOW,
	.conn_window = BROOD_CONN_WINDOW,
	.slots = 4,
	.keepalive_ms = 10000,
	.features = FEATURE_FDS | FEATURE_CANCEL,
	.required = FEATURE_FDS,
	.lines = LINES,
	.lines_size = sizeof(LINES) - 1,
};

static void assert_same(const struct hello *a, const struct hello *b)
{
	assert_int_equal(a->version_min, b->version_min);
	assert_int_equal(a->version_max, b->version_max);
	assert_int_equal(a->max_frame, b->max_frame);
	assert_int_equal(a->max_message, b->max_message);
	assert_int_equal(a->stream_window, b->stream_window);
	assert_int_equal(a->conn_window, b->conn_window);
	assert_int_equal(a->slots, b->slots);
	assert_int_equal(a->keepalive_ms, b->keepalive_ms);
	assert_int_equal(a->features, b->features);
	assert_int_equal(a->required, b->required);
	assert_int_equal(a->lines_size, b->lines_size);
	if (a->lines_size > 0)
		assert_memory_equal(a->lines, b->lines, a->lines_size);
}

static void every_field_stands_where_the_protocol_says(void **state)
{
	static const uint8_t expected[] = {
		'b',  'r',  'o',  'o',  'd',  '/',  '1',  '\n', /* magic */
		0x01, 0x02, 0x03, 0x04,                         /* versions */
		0x04, 0x03, 0x02, 0x41,                         /* max_frame */
		0x08, 0x07, 0x06, 0x05,                         /* max_message */
		0x0c, 0x0b, 0x0a, 0x09,                         /* stream_window */
		0x10, 0x0f, 0x0e, 0x0d,                         /* conn_window */
		0x14, 0x13, 0x12, 0x11,                         /* slots */
		0x18, 0x17, 0x16, 0x15,                         /* keepalive_ms */
		0,    0,    0,    0,                            /* reserved */
		0xff, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, /* features */
		0x0f, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, /* required */
		'a',  '=',  'b',  '\n',
	};
	static const struct hello h = {
		.version_min = 0x0201,
		.version_max = 0x0403,
		.max_frame = 0x41020304,
		.max_message = 0x05060708,
		.stream_window = 0x090a0b0c,
		.conn_window = 0x0d0e0f10,
		.slots = 0x11121314,
		.keepalive_ms = 0x15161718,
		.features = 0x21222324252627ff,
		.required = 0x202020202020200f,
		.lines = "a=b\n",
		.lines_size = 4,
	};
	uint8_t actual[sizeof(expected)];
	struct hello read;

	(void)state;
	assert_int_equal(hello_write(actual, sizeof(actual), &h), sizeof(expected));
	assert_memory_equal(actual, expected, sizeof(expected));
	assert_int_equal(hello_read(expected, sizeof(expected), &read), HELLO_OK);
	assert_same(&h, &read);
}

static void a_payload_needs_all_its_room(void **state)
{
	uint8_t bytes[256];
	size_t size = hello_write(bytes, sizeof(bytes), &sane);

	(void)state;
	assert_int_equal(size, HELLO_FIXED + sizeof(LINES) - 1);
	memset(bytes, 0x55, sizeof(bytes));
	for (size_t room = 0; room < size; room++)
		assert_int_equal(hello_write(bytes, room, &sane), 0);
	assert_int_equal(bytes[0], 0x55);
	assert_int_equal(hello_write(bytes, size, &sane), size);
	assert_int_equal(bytes[size], 0x55);
}

static enum hello_result read_back(const struct hello *h)
{
	uint8_t bytes[256];
	size_t size = hello_write(bytes, sizeof(bytes), h);
	struct hello read;
	enum hello_result result = hello_read(bytes, size, &read);

	if (result == HELLO_OK)
		assert_same(h, &read);
	return result;
}

/* Fields at their limits: the sane one with one field changed. */
static void every_field_has_its_limits(void **state)
{
#define LEAST                                                                                      \
	.version_min = 1, .version_max = 1, .max_frame = BROOD_MAX_FRAME_LEAST,                    \
	.stream_window = 4096, .conn_window = 4096
	static const struct {
		enum hello_result expected;
		struct hello hello;
	} cases[] = {
		{HELLO_OK, {LEAST, .slots = 0}},
		{HELLO_OK, {LEAST, .slots = UINT32_MAX}},
		{HELLO_OK, {LEAST, .max_message = 0}},
		{HELLO_OK, {LEAST, .max_message = UINT32_MAX}},
		{HELLO_OK, {LEAST, .keepalive_ms = UINT32_MAX}},
		{HELLO_OK, {LEAST, .features = UINT64_MAX, .required = UINT64_MAX}},
		{HELLO_OK, {LEAST, .features = UINT64_MAX}},
		{HELLO_MALFORMED, {LEAST, .required = 1}},
		{HELLO_MALFORMED, {LEAST, .features = UINT64_MAX >> 1, .required = UINT64_MAX}},
	};
#undef LEAST

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(read_back(&cases[i].hello), cases[i].expected);
}

static void versions_are_a_range_above_zero(void **state)
{
	(void)state;
	for (uint32_t least = 0; least < 5; least++) {
		for (uint32_t most = 0; most < 5; most++) {
			struct hello h = sane;

			h.version_min = (uint16_t)least;
			h.version_max = (uint16_t)most;
			assert_int_equal(read_back(&h),
					 least > 0 && least <= most ? HELLO_OK : HELLO_MALFORMED);
		}
	}
}

static void sizes_have_a_least_and_windows_a_most(void **state)
{
	static const struct {
		uint32_t value;
		bool frame_is_fine;
		bool window_is_fine;
	} sizes[] = {
		{0, false, false},
		{4095, false, false},
		{4096, false, true},
		{BROOD_MAX_FRAME_LEAST - 1, false, true},
		{BROOD_MAX_FRAME_LEAST, true, true},
		{BROOD_MAX_FRAME_MOST, true, true},
		{INT32_MAX, true, true},
		{1u << 31, true, false},
		{UINT32_MAX, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		enum hello_result frame = sizes[i].frame_is_fine ? HELLO_OK : HELLO_MALFORMED;
		enum hello_result window = sizes[i].window_is_fine ? HELLO_OK : HELLO_MALFORMED;
		struct hello h = sane;

		h.max_frame = sizes[i].value;
		assert_int_equal(read_back(&h), frame);
		h = sane;
		h.stream_window = sizes[i].value;
		assert_int_equal(read_back(&h), window);
		h = sane;
		h.conn_window = sizes[i].value;
		assert_int_equal(read_back(&h), window);
	}
}

/* Is `size` where a line of LINES ends? */
static bool ends_a_line(size_t size)
{
	return size == HELLO_FIXED || LINES[size - HELLO_FIXED - 1] == '\n';
}

static void every_prefix_is_refused_unless_it_ends_a_line(void **state)
{
	uint8_t bytes[256];
	size_t size = hello_write(bytes, sizeof(bytes), &sane);

	(void)state;
	for (size_t prefix = 0; prefix <= size; prefix++) {
		struct hello h;
		enum hello_result expected = HELLO_MALFORMED;
		uint8_t *exact = test_malloc(prefix + !prefix);

		memcpy(exact, bytes, prefix);
		if (prefix < 8)
			expected = HELLO_NOT_BROOD;
		else if (prefix >= HELLO_FIXED && ends_a_line(prefix))
			expected = HELLO_OK;
		assert_int_equal(hello_read(exact, prefix, &h), expected);
		test_free(exact);
	}
}

static void every_byte_of_the_magic_counts(void **state)
{
	uint8_t bytes[256];
	size_t size = hello_write(bytes, sizeof(bytes), &sane);
	struct hello h;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		bytes[i] ^= 0x20;
		assert_int_equal(hello_read(bytes, size, &h), HELLO_NOT_BROOD);
		bytes[i] ^= 0x20;
	}
	assert_int_equal(hello_read(bytes, size, &h), HELLO_OK);
}

static void a_payload_has_a_most(void **state)
{
	static char lines[HELLO_MOST];
	static uint8_t bytes[HELLO_MOST + 8];
	struct hello h = sane;
	struct hello read;
	size_t size;

	(void)state;
	memset(lines, 'x', sizeof(lines));
	lines[1] = '=';
	h.lines = lines;
	for (h.lines_size = HELLO_MOST - HELLO_FIXED; h.lines_size <= HELLO_MOST - HELLO_FIXED + 1;
	     h.lines_size++) {
		lines[h.lines_size - 1] = '\n';
		size = hello_write(bytes, sizeof(bytes), &h);
		assert_int_equal(size, HELLO_FIXED + h.lines_size);
		assert_int_equal(hello_read(bytes, size, &read),
				 size <= HELLO_MOST ? HELLO_OK : HELLO_MALFORMED);
		lines[h.lines_size - 1] = 'x';
	}
}

static void lines_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} lines[] = {
		{"\n", 1},    {"a=b", 3},    {"a\n", 2},    {"=b\n", 3},      {"=\n", 2},
		{"\0", 1},    {"a=\0\n", 4}, {"a\0=b\n", 5}, {"a=b\n\n", 5},  {"a=b\nc", 5},
		{"a=b\nc\nd=e\n", 10},        {"a=b\n=\n", 6}, {"a=b\n\nc=d\n", 9},
	};
	struct hello h = sane;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		h.lines = lines[i].text;
		h.lines_size = lines[i].size;
		if (read_back(&h) != HELLO_MALFORMED)
			fail_msg("lines %zu are not refused", i);
	}
}

static void a_line_is_found_by_its_whole_key(void **state)
{
	const char *value;
	size_t size;

	(void)state;
	assert_true(hello_find(&sane, "name", &value, &size));
	assert_int_equal(size, 6);
	assert_memory_equal(value, "thumbs", 6);
	assert_true(hello_find(&sane, "setting.path", &value, &size));
	assert_int_equal(size, 4);
	assert_memory_equal(value, "/a=b", 4);
	assert_true(hello_find(&sane, "empty", &value, &size));
	assert_int_equal(size, 0);
	assert_false(hello_find(&sane, "nam", &value, &size));
	assert_false(hello_find(&sane, "names", &value, &size));
	assert_false(hello_find(&sane, "thumbs", &value, &size));
	assert_false(hello_find(&sane, "", &value, &size));
	assert_false(hello_find(&(struct hello){.lines = NULL}, "name", &value, &size));
}

static void the_first_of_two_lines_is_found(void **state)
{
	struct hello h = {.lines = "a=1\na=2\n", .lines_size = 8};
	const char *value;
	size_t size;

	(void)state;
	assert_true(hello_find(&h, "a", &value, &size));
	assert_int_equal(value[0], '1');
}

static void a_line_is_added_where_it_fits(void **state)
{
	char lines[16];
	size_t size = 0;

	(void)state;
	memset(lines, '#', sizeof(lines));
	assert_true(hello_add_line(lines, 9, &size, "key", "12"));
	assert_int_equal(size, 7);
	assert_false(hello_add_line(lines, 9, &size, "k", ""));
	assert_int_equal(size, 7);
	assert_true(hello_add_line(lines, 10, &size, "k", ""));
	assert_int_equal(size, 10);
	assert_memory_equal(lines, "key=12\nk=\n##", 12);
}

static void control_characters_cannot_break_out_of_a_line(void **state)
{
	static const char text[] = "a\nb=c\r\t\033[0m\177 \303\251";
	char lines[64];
	size_t size = 0;
	struct hello h = sane;

	(void)state;
	assert_true(hello_add_line(lines, sizeof(lines), &size, "k", text));
	assert_memory_equal(lines, "k=a?b=c???[0m? \303\251\n", size);
	h.lines = lines;
	h.lines_size = size;
	assert_int_equal(read_back(&h), HELLO_OK);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_field_stands_where_the_protocol_says),
	cmocka_unit_test(a_payload_needs_all_its_room),
	cmocka_unit_test(every_field_has_its_limits),
	cmocka_unit_test(versions_are_a_range_above_zero),
	cmocka_unit_test(sizes_have_a_least_and_windows_a_most),
	cmocka_unit_test(every_prefix_is_refused_unless_it_ends_a_line),
	cmocka_unit_test(every_byte_of_the_magic_counts),
	cmocka_unit_test(a_payload_has_a_most),
	cmocka_unit_test(lines_that_are_none_are_refused),
	cmocka_unit_test(a_line_is_found_by_its_whole_key),
	cmocka_unit_test(the_first_of_two_lines_is_found),
	cmocka_unit_test(a_line_is_added_where_it_fits),
	cmocka_unit_test(control_characters_cannot_break_out_of_a_line),
};

CHECK_MAIN(tests)
