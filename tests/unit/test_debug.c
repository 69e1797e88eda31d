/* debug: BROOD_DEBUG=1 prints one line a frame, 2 its payload too, escaped; anything else prints nothing. */
#include "duo.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <sys/wait.h>

static char printed[64 << 10];

static void answer(brood_request_t *request, void *user)
{
	(void)user;
	(void)brood_reply(request, "an answer", 9);
}

static void talk(void)
{
	static const uint8_t bytes[] = "tab\tquote\"back\\slash\x1b[31mred\n\0end\x7f\xff";
	static uint8_t much[1000];
	struct duo d;

	duo_worker(&d, answer, NULL, NULL);
	peer_end_frame(&d.peer, &(struct frame){.type = FRAME_CALL,
						.flags = FLAG_EOM | FLAG_EOS | FLAG_IDEMPOTENT,
						.id = 2,
						.arg = 0xbeef,
						.words = 1u << WORD_DEADLINE,
						.deadline_ms = 1500,
						.body = bytes,
						.body_size = sizeof(bytes) - 1});
	duo_skip(&d, FRAME_REPLY);
	memset(much, 'm', sizeof(much));
	peer_end_frame(&d.peer,
		       &(struct frame){.type = FRAME_NOTIFY, .body = much, .body_size = sizeof(much)});
	peer_end_frame(&d.peer, &(struct frame){.type = 0x7f, .flags = FLAG_IGNORABLE});
	duo_expect_silence(&d);
	duo_close(&d);
	duo_client(&d, NULL);
	duo_close(&d);
}

/* What a child prints to stderr with this in its environment. */
static const char *print_with(const char *level)
{
	int fds[2];
	int status;
	size_t size = 0;
	ssize_t n;
	pid_t pid;

	assert_return_code(pipe(fds), errno);
	fflush(NULL);
	pid = fork();
	assert_return_code(pid, errno);
	if (pid == 0) {
		CHECK_CHILD(dup2(fds[1], 2) == 2);
		close(fds[0]);
		close(fds[1]);
		if (level)
			CHECK_CHILD(setenv(BROOD_ENV_DEBUG, level, 1) == 0);
		else
			unsetenv(BROOD_ENV_DEBUG);
		talk();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], printed + size, sizeof(printed) - 1 - size)) > 0)
		size += (size_t)n;
	close(fds[0]);
	printed[size] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return printed;
}

static unsigned count_lines(const char *text)
{
	unsigned lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void assert_each_line(const char *text, const char *pattern)
{
	regex_t regex;
	char line[4096];

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	while (*text) {
		size_t length = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		if (regexec(&regex, line, 0, NULL, 0) != 0)
			fail_msg("'%s' is not of the form %s", line, pattern);
		text += length + 1;
	}
	regfree(&regex);
}

static void nothing_is_printed_unless_asked_for(void **state)
{
	static const char *const levels[] = {NULL, "", "0", "x", "-1", "yes"};

	(void)state;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		assert_text("", print_with(levels[i]));
}

static void each_frame_is_one_line(void **state)
{
	const char *text = print_with("1");

	(void)state;
	assert_int_equal(count_lines(text), 9); /* seven of the worker, two of the client */
	assert_each_line(text, "^brood-debug [0-9]+\\.[0-9]{3} (worker|client)\\[[0-9]+\\] (->|<-) "
			       "([A-Z_]+|\\?) id [0-9]+ arg 0x[0-9a-f]+( [A-Z_|]+)? "
			       "head [0-9]+ body [0-9]+( left [0-9]+ms)?$");
	assert_non_null(strstr(text, "] <- CALL id 2 arg 0xbeef EOM|EOS|IDEMPOTENT head 0 body 35 left 1500ms\n"));
	assert_non_null(strstr(text, "] -> REPLY id 2 arg 0x0 EOM|EOS head 0 body 9\n"));
	assert_non_null(strstr(text, "] <- ? id 0 arg 0x0 IGNORABLE head 0 body 0\n"));
	assert_non_null(strstr(text, "] -> SLOTS id 0 arg 0x1 head 0 body 0\n"));
	assert_non_null(strstr(text, "client["));
	assert_null(strstr(text, "an answer"));
}

static void the_payload_is_escaped(void **state)
{
	const char *text = print_with("2");
	char many[300];

	(void)state;
	assert_each_line(text, "^brood-debug [ -~]*$"); /* nothing that a terminal would obey */
	assert_non_null(strstr(text, "\nbrood-debug   body tab\\x09quote\"back\\x5cslash\\x1b[31mred\\x0a"
				     "\\x00end\\x7f\\xff\n"));
	assert_non_null(strstr(text, "\nbrood-debug   body an answer\n"));
	memset(many, 'm', 256);
	memcpy(many + 256, " ...\n", 6);
	assert_non_null(strstr(text, many)); /* long ones are cut */
}

static void higher_levels_are_like_2(void **state)
{
	(void)state;
	assert_non_null(strstr(print_with("9"), "\nbrood-debug   body an answer\n"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(nothing_is_printed_unless_asked_for),
	cmocka_unit_test(each_frame_is_one_line),
	cmocka_unit_test(the_payload_is_escaped),
	cmocka_unit_test(higher_levels_are_like_2),
};

CHECK_MAIN(tests)
