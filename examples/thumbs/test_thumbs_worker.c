/*
 * The worker program itself, without a supervisor: the handshake is the same for a worker and for a
 * client, so a client at the other end of its channel can call it directly.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <brood.h>

#include "album.h"

struct worker {
	pid_t pid;
	brood_t *client;
};

static void become_worker(int fd)
{
	const struct rlimit no_core = {0, 0};

	CHECK_CHILD(setrlimit(RLIMIT_CORE, &no_core) == 0);
	CHECK_CHILD(dup2(fd, 3) == 3); /* without close-on-exec, unless it was 3 */
	CHECK_CHILD(fcntl(3, F_SETFD, 0) == 0);
	CHECK_CHILD(setenv("BROOD_CHANNEL", "3", 1) == 0);
	CHECK_CHILD(freopen("/dev/null", "w", stderr) != NULL);
	execl(THUMBS, "thumbs", "--size", "160", (char *)NULL);
	_exit(127);
}

static int start(void **state)
{
	struct worker *w = calloc(1, sizeof(*w));
	char address[16];
	int pair[2];

	*state = w;
	if (!w || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	w->pid = fork();
	if (w->pid == 0)
		become_worker(pair[1]);
	close(pair[1]);
	snprintf(address, sizeof(address), "fd:%d", pair[0]);
	return w->pid < 0 ? -1 : brood_connect(&w->client, address, NULL);
}

static int stop(void **state)
{
	struct worker *w = *state;

	brood_close(w->client);
	if (w->pid > 0)
		waitpid(w->pid, NULL, 0);
	free(w);
	return 0;
}

static const char *value_of(const struct brood_answer *a, const char *key)
{
	static char text[64];
	size_t size;
	const char *value = brood_answer_find(a, key, &size);

	if (!value)
		return "missing";
	snprintf(text, sizeof(text), "%.*s", (int)size, value);
	return text;
}

/* Sends a picture that is shipped, with these metadata where they are given. */
static int call(struct worker *w, const char *name, const char *width, const char *height,
		struct brood_answer *answer)
{
	struct brood_meta meta[2];
	const struct brood_call_options options = {.meta = meta,
						   .meta_count =
							   (width ? 1u : 0u) + (height ? 1u : 0u),
						   .timeout = 20000};
	char path[1024];
	uint8_t *data;
	size_t size;
	size_t n = 0;
	int rc;

	if (width)
		meta[n++] = brood_meta_text("width", width);
	if (height)
		meta[n++] = brood_meta_text("height", height);
	snprintf(path, sizeof(path), PICTURES "/%s", name);
	assert_rc(0, album_read(path, 60000, &data, &size));
	rc = brood_call(w->client, "thumbnail", data, size, &options, answer);
	free(data);
	return rc;
}

static void it_answers_with_a_thumbnail(void **state)
{
	struct brood_answer a;

	assert_rc(0, call(*state, "cat.jpg", NULL, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_text("image/jpeg", value_of(&a, "type"));
	assert_text("160", value_of(&a, "width"));
	assert_text("106", value_of(&a, "height"));
	assert_text("451", value_of(&a, "original-width"));
	assert_text("300", value_of(&a, "original-height"));
	assert_true(a.body_size > 1000);
	assert_memory_equal(a.body, "\xff\xd8\xff", 3);
	brood_answer_free(&a);
}

static void the_call_may_name_the_box(void **state)
{
	struct brood_answer a;

	assert_rc(0, call(*state, "horse.png", "50", "20", &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_text("image/png", value_of(&a, "type"));
	assert_text("24", value_of(&a, "width"));
	assert_text("20", value_of(&a, "height"));
	brood_answer_free(&a);
	assert_rc(0, call(*state, "horse.png", "50", NULL, &a));
	assert_text("50", value_of(&a, "width"));
	brood_answer_free(&a);
}

static void a_box_that_is_none_is_refused(void **state)
{
	static const char *const table[] = {"",    "0",   "-1", "2049", "99999999999999999999",
					    "12x", " 12", "1.5"};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct brood_answer a;

		assert_rc(0, call(*state, "cat.jpg", i % 2 ? table[i] : "10",
				  i % 2 ? "10" : table[i], &a));
		assert_int_equal(a.code, BROOD_INVALID_ARGUMENT);
		assert_text("cannot make a thumbnail: width and height are 1 to 2048", a.text);
		brood_answer_free(&a);
	}
}

static void what_is_no_picture_is_an_error_with_a_sentence(void **state)
{
	struct worker *w = *state;
	struct brood_answer a;

	assert_rc(0, brood_call(w->client, NULL, "hello", 5, NULL, &a));
	assert_int_equal(a.code, BROOD_INVALID_ARGUMENT);
	assert_int_equal(a.reason, BROOD_REASON_NONE);
	assert_text(
		"cannot make a thumbnail: not a picture: 5 bytes that are no valid JPEG, PNG, GIF, "
		"BMP, TGA, "
		"PGM or PPM",
		a.text);
	brood_answer_free(&a);
	assert_rc(0, call(w, "cat.jpg", NULL, NULL, &a)); /* and the next is served */
	assert_int_equal(a.code, BROOD_OK);
	brood_answer_free(&a);
}

/* More than a frame, and more than the credit of a connection, holds. */
static void a_large_picture_is_taken(void **state)
{
	static const char header[] = "P6 2000 1000 255\n";
	const size_t start_of_pixels = sizeof(header) - 1;
	const size_t size = start_of_pixels + (size_t)2000 * 1000 * 3;
	struct worker *w = *state;
	struct brood_answer a;
	uint8_t *data = malloc(size);

	assert_non_null(data);
	memcpy(data, header, start_of_pixels);
	memset(data + start_of_pixels, 200, size - start_of_pixels);
	assert_rc(0, brood_call(w->client, NULL, data, size, NULL, &a));
	assert_int_equal(a.code, BROOD_OK);
	assert_text("80", value_of(&a, "height"));
	brood_answer_free(&a);
	free(data);
}

static void the_crash_ends_the_worker_and_nobody_else(void **state)
{
	struct worker *w = *state;
	struct brood_answer a;
	int status;

	assert_rc(-ECONNRESET, call(w, "crash.ppm", NULL, NULL, &a));
	assert_int_equal(a.code, BROOD_UNAVAILABLE);
	brood_answer_free(&a);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	w->pid = 0;
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) > 0);
}

static void it_ends_in_order_when_its_channel_does(void **state)
{
	struct worker *w = *state;
	struct brood_answer a;
	int status;

	/* after a call nothing is unread: to close a socket with something unread is a reset */
	assert_rc(0, call(w, "cat.jpg", NULL, NULL, &a));
	brood_answer_free(&a);
	brood_close(w->client);
	w->client = NULL;
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	w->pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define WITH_WORKER(test) cmocka_unit_test_setup_teardown(test, start, stop)

static const struct CMUnitTest tests[] = {
	WITH_WORKER(it_answers_with_a_thumbnail),
	WITH_WORKER(the_call_may_name_the_box),
	WITH_WORKER(a_box_that_is_none_is_refused),
	WITH_WORKER(what_is_no_picture_is_an_error_with_a_sentence),
	WITH_WORKER(a_large_picture_is_taken),
	WITH_WORKER(the_crash_ends_the_worker_and_nobody_else),
	WITH_WORKER(it_ends_in_order_when_its_channel_does),
};

CHECK_MAIN(tests)
