/* base64: the vectors of RFC 4648, round trips of every length, and what is no base64. */
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base64.h"
#include "dice.h"

static const struct {
	const char *plain;
	const char *text;
} vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

static void the_vectors_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char *text = base64_encode(vectors[i].plain, strlen(vectors[i].plain));
		size_t size;
		char *plain = base64_decode(vectors[i].text, strlen(vectors[i].text), &size);

		assert_text(vectors[i].text, text);
		assert_non_null(plain);
		assert_int_equal(size, strlen(vectors[i].plain));
		assert_memory_equal(plain, vectors[i].plain, size);
		free(text);
		free(plain);
	}
}

static void every_byte_comes_back(void **state)
{
	struct dice dice = dice_open();
	unsigned char bytes[300];

	(void)state;
	for (size_t length = 0; length < sizeof(bytes); length++) {
		char *text;
		unsigned char *back;
		size_t size;

		for (size_t i = 0; i < length; i++)
			bytes[i] = (unsigned char)dice_below(&dice, 256);
		text = base64_encode(bytes, length);
		assert_int_equal(strlen(text), (length + 2) / 3 * 4);
		back = base64_decode(text, strlen(text), &size);
		assert_int_equal(size, length);
		assert_memory_equal(back, bytes, length);
		free(text);
		free(back);
	}
}

static void what_is_no_base64_is_refused(void **state)
{
	static const char *const texts[] = {
		"Z",     "Zg",    "Zg=",       "Zm9",        "=",     "====", "=Zg=", "Z===", "Zg==Zg==",
		"Zm9v=", "Zm9v!", "Zm9\nvYg=", "Zm9v Yg==", "Zm9-", "Zm9_", "Zg=a",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t size;
		void *bytes = base64_decode(texts[i], strlen(texts[i]), &size);

		if (bytes)
			fail_msg("'%s' was taken", texts[i]);
	}
	for (int c = 1; c < 256; c++) {
		char text[5] = {'A', 'A', 'A', (char)c, '\0'};
		bool is_one = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", c) != NULL;
		size_t size;
		void *bytes = base64_decode(text, 4, &size);

		assert_int_equal(bytes != NULL, is_one);
		free(bytes);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_vectors_of_the_rfc),
	cmocka_unit_test(every_byte_comes_back),
	cmocka_unit_test(what_is_no_base64_is_refused),
};

CHECK_MAIN(tests)
