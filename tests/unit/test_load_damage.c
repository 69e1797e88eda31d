/*
 * config: a damaged file is refused at a line of it, or is another valid file; K1 of the fault
 * list.
 */
#include "check.h"

#include <stdlib.h>

#include "fake.h"
#include "source.h"

static const char whole[] = "# a pool behind a queue\n"
			    "[brood]\r\n"
			    "max_clients = 2000\n"
			    "include = c/*.ini, d.ini\n"
			    "[defaults]\n"
			    "user = www-data\n"
			    "limits = nofile=4096:infinity, core=0\n"
			    "[worker:thumbs]\n"
			    "command = /usr/bin/thumbs \"--tag=a ; b\" '${INSTANCE:02}' $$x\n"
			    "env = A=1, B=\"x, y\"\n"
			    "instances = 8\n"
			    "restart_limit = 5/10s\n"
			    "success_exit = 0, HUP, 143\n"
			    "slots = auto\n"
			    "umask = 027\n"
			    "[worker:log]\n"
			    "command : cat\n"
			    "channel = none\n"
			    "ready = alive:1s\n"
			    "groups = shop, 44\n"
			    "restart_jitter = 10%\n"
			    "[endpoint:thumbs]\n"
			    "listen = unix:thumbs.sock\n"
			    "mode = 0660\n"
			    "allow = self, root, uid:33, group:shop\n"
			    "max_message = 64M\n"
			    "pool = thumbs\n";

enum { LINES = 27 };

static const struct fake_file other = {.path = "d.ini", .bytes = "[worker:d]\ncommand = d\n"};

/* An error has a line of the file; what is fine is fine again when it is shown. */
static void check(const char *text, size_t size, bool is_plain)
{
	struct fake_file files[2] = {{.path = "brood.ini", .bytes = text, .size = size}, other};
	struct fake fake = {.files = files, .count = 2, .is_plain_inih = is_plain};
	enum config_result result;
	struct config *config;

	if (size == 0)
		files[0].bytes = NULL;
	config = fake_load(&fake, &result);
	assert_true(result == CONFIG_OK || result == CONFIG_INVALID);
	assert_int_equal(result == CONFIG_OK, config->problems.count[PROBLEM_ERROR] == 0);
	for (size_t i = 0; i < problem_kept(&config->problems, PROBLEM_ERROR); i++) {
		const struct problem *p = &config->problems.kept[PROBLEM_ERROR][i];

		assert_non_null(p->place.file);
		assert_in_range(p->place.line, 1, LINES + 1);
		assert_true(strlen(p->text) > 5);
	}
	config_close(config);
}

static void each_prefix(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++)
		check(whole, size, false);
}

static void each_byte_removed_or_doubled(void **state)
{
	char text[sizeof(whole) + 1];
	const size_t size = sizeof(whole) - 1;

	(void)state;
	for (size_t i = 0; i < size; i++) {
		memcpy(text, whole, i);
		memcpy(text + i, whole + i + 1, size - i - 1);
		check(text, size - 1, false);
		memcpy(text, whole, i + 1);
		memcpy(text + i + 1, whole + i, size - i);
		check(text, size + 1, false);
	}
}

static void flip_each_bit(bool is_plain)
{
	char text[sizeof(whole)];
	const size_t size = sizeof(whole) - 1;

	memcpy(text, whole, size);
	for (size_t i = 0; i < size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(whole[i] ^ 1 << bit);
			check(text, size, is_plain);
		}
		text[i] = whole[i];
	}
}

static void each_bit_flipped(void **state)
{
	(void)state;
	flip_each_bit(false);
}

static void each_bit_flipped_with_plain_inih(void **state)
{
	(void)state;
	flip_each_bit(true);
}

static void each_line_removed_or_doubled(void **state)
{
	char text[2 * sizeof(whole)];
	const size_t size = sizeof(whole) - 1;

	(void)state;
	for (const char *line = whole; *line != '\0'; line = strchr(line, '\n') + 1) {
		const size_t before = (size_t)(line - whole);
		const size_t length = (size_t)(strchr(line, '\n') + 1 - line);

		memcpy(text, whole, before);
		memcpy(text + before, line + length, size - before - length);
		check(text, size - length, false);
		memcpy(text, whole, before + length);
		memcpy(text + before + length, line, size - before);
		check(text, size + length, false);
	}
}

static void the_whole_file_is_fine(void **state)
{
	struct fake_file files[2] = {{.path = "brood.ini", .bytes = whole}, other};
	struct fake fake = {.files = files, .count = 2};
	enum config_result result;
	struct config *config = fake_load(&fake, &result);

	(void)state;
	/* there is a " ;" in it, quoted */
	assert_int_equal(result, source_has_settings() ? CONFIG_OK : CONFIG_INVALID);
	assert_int_equal(config->problems.count[PROBLEM_WARNING], 0);
	config_close(config);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_whole_file_is_fine),
	cmocka_unit_test(each_prefix),
	cmocka_unit_test(each_line_removed_or_doubled),
	cmocka_unit_test(each_byte_removed_or_doubled),
	cmocka_unit_test(each_bit_flipped),
	cmocka_unit_test(each_bit_flipped_with_plain_inih),
};

CHECK_MAIN(tests)
