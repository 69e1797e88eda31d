/* frame: names, texts, statuses and the rules of ids, compared with frame.def. */
#include "check.h"

#include "frame.h"

static void every_type_has_its_name_and_its_ids(void **state)
{
	static const struct {
		uint8_t type;
		const char *name;
		const char *ids;
	} types[] = {
#define TYPE(name, value, ids, doc) {value, #name, #ids},
#include "frame.def"
	};
	size_t known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		uint8_t type = types[i].type;
		bool may_be_zero = strcmp(types[i].ids, "CALL") != 0;
		bool may_be_call = strcmp(types[i].ids, "ZERO") != 0;

		assert_true(frame_type_is_known(type));
		assert_text(types[i].name, frame_type_name(type));
		assert_int_equal(frame_id_is_legal(type, 0), may_be_zero);
		assert_int_equal(frame_id_is_legal(type, 1), may_be_call);
		assert_int_equal(frame_id_is_legal(type, 2), may_be_call);
		assert_int_equal(frame_id_is_legal(type, UINT32_MAX), may_be_call);
	}
	for (unsigned type = 0; type < 256; type++)
		known += frame_type_is_known((uint8_t)type);
	assert_int_equal(known, sizeof(types) / sizeof(types[0]));
}

static void an_unknown_type_has_no_name_and_any_id(void **state)
{
	static const uint8_t unknown[] = {0x00, 0x0e, 0x17, 0x23, 0x7f, 0x80, 0xff};

	(void)state;
	for (size_t i = 0; i < sizeof(unknown); i++) {
		assert_false(frame_type_is_known(unknown[i]));
		assert_text("?", frame_type_name(unknown[i]));
		assert_true(frame_id_is_legal(unknown[i], 0));
		assert_true(frame_id_is_legal(unknown[i], 1));
	}
}

static void every_reason_has_its_name_its_text_and_its_code(void **state)
{
	static const struct {
		enum frame_reason reason;
		uint32_t code;
		const char *name;
		const char *text;
	} reasons[] = {
#define REASON(name, value, code, doc) {REASON_##name, CODE_##code, #name, doc},
#include "frame.def"
	};

	(void)state;
	assert_int_equal(sizeof(reasons) / sizeof(reasons[0]), REASONS);
	for (size_t i = 0; i < REASONS; i++) {
		uint32_t status = frame_status_of(reasons[i].reason);

		assert_int_equal(reasons[i].reason, i);
		assert_text(reasons[i].name, frame_reason_name((uint32_t)i));
		assert_text(reasons[i].text, frame_reason_text((uint32_t)i));
		assert_int_equal(status, (uint32_t)i << 16 | reasons[i].code);
		assert_int_equal(frame_status_reason(status), i);
		assert_int_equal(frame_status_code(status), reasons[i].code);
	}
	assert_text("?", frame_reason_name(REASONS));
	assert_text("?", frame_reason_name(UINT32_MAX));
	assert_text("unknown reason", frame_reason_text(REASONS));
}

static void every_code_has_its_name(void **state)
{
	static const char *const names[] = {
#define CODE(name, value) [value] = #name,
#include "frame.def"
	};

	(void)state;
	assert_int_equal(sizeof(names) / sizeof(names[0]), 17); /* as gRPC has them */
	for (uint32_t i = 0; i < 17; i++)
		assert_text(names[i], frame_code_name(i));
	assert_text("?", frame_code_name(17));
	assert_text("?", frame_code_name(UINT32_MAX));
}

static void a_status_keeps_reason_and_code_apart(void **state)
{
	(void)state;
	assert_int_equal(frame_status(REASON_NONE, 0), 0);
	assert_int_equal(frame_status(REASON_WORKER_CRASHED, CODE_UNAVAILABLE), 16u << 16 | 14);
	/* a code never reaches the reason */
	assert_int_equal(frame_status(REASON_NONE, 0x12345), 0x2345);
	assert_int_equal(frame_status_reason(UINT32_MAX), 0xffff);
	assert_int_equal(frame_status_code(UINT32_MAX), 0xffff);
}

static void flags_fill_seven_bits(void **state)
{
	unsigned all = 0
#define FLAG(name, bit, doc) | FLAG_##name
#include "frame.def"
		;

	(void)state;
	assert_int_equal(all, FLAGS_KNOWN);
}

static void heads_are_padded_to_eight_bytes(void **state)
{
	(void)state;
	assert_int_equal(frame_padded(0), 0);
	for (uint32_t i = 1; i <= 8; i++)
		assert_int_equal(frame_padded(i), 8);
	assert_int_equal(frame_padded(9), 16);
	assert_int_equal(frame_padded(16 << 10), 16 << 10);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_type_has_its_name_and_its_ids),
	cmocka_unit_test(an_unknown_type_has_no_name_and_any_id),
	cmocka_unit_test(every_reason_has_its_name_its_text_and_its_code),
	cmocka_unit_test(every_code_has_its_name),
	cmocka_unit_test(a_status_keeps_reason_and_code_apart),
	cmocka_unit_test(flags_fill_seven_bits),
	cmocka_unit_test(heads_are_padded_to_eight_bytes),
};

CHECK_MAIN(tests)
