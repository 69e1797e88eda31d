/* signals: all of them or none, and a brood that cannot have them says so and ends. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "room.h"
#include "run.h"
#include "signals.h"
#include "supervisor.h"

/* ------------------------------------------------------------------- faults */

int __real_uv_signal_init(uv_loop_t *loop, uv_signal_t *handle);
int __wrap_uv_signal_init(uv_loop_t *loop, uv_signal_t *handle);
int __real_uv_signal_start(uv_signal_t *handle, uv_signal_cb cb, int number);
int __wrap_uv_signal_start(uv_signal_t *handle, uv_signal_cb cb, int number);

static unsigned init_fails_at; /* from 1; 0: never */
static unsigned start_fails_at;

int __wrap_uv_signal_init(uv_loop_t *loop, uv_signal_t *handle)
{
	if (init_fails_at > 0 && --init_fails_at == 0)
		return -EMFILE;
	return __real_uv_signal_init(loop, handle);
}

int __wrap_uv_signal_start(uv_signal_t *handle, uv_signal_cb cb, int number)
{
	if (start_fails_at > 0 && --start_fails_at == 0)
		return -EINVAL;
	return __real_uv_signal_start(handle, cb, number);
}

/* -------------------------------------------------------------------- tests */

/* Nothing is left that would keep the loop from ending. */
static void assert_tidy(int rc)
{
	struct supervisor s = {.is_ending = true};

	assert_int_equal(uv_loop_init(&s.uv), 0);
	assert_rc(rc, signals_open(&s));
	signals_close(&s);
	assert_int_equal(uv_run(&s.uv, UV_RUN_NOWAIT), 0);
	assert_int_equal(uv_loop_close(&s.uv), 0);
}

static void half_of_them_is_none(void **state)
{
	(void)state;
	assert_tidy(0);
	for (unsigned i = 1; i <= 6; i++) {
		start_fails_at = i;
		assert_tidy(-EINVAL);
		init_fails_at = i;
		assert_tidy(-EMFILE);
	}
}

static void without_them_brood_says_why_and_ends(void **state)
{
	struct config config = {.spec = {.brood = {.max_clients = 1}}};
	struct run_options options = {.config_path = "c", .runtime_path = room_at("r")};
	char text[4096] = "";
	int ends[2];
	int status;
	pid_t pid;

	(void)state;
	if (!room_is_safe())
		check_skip("needs a /tmp that only root controls");
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		alarm(20); /* where a handle is left, the loop does not end */
		CHECK_CHILD(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
		start_fails_at = 3;
		_exit(run_supervisor(&config, &options));
	}
	close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	if (!strstr(text, "| cannot start: Invalid argument\n"))
		fail_msg("\"%s\" does not say why", text);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_int_equal(access(room_at("r/admin.sock"), F_OK), -1);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(half_of_them_is_none),
	cmocka_unit_test_setup_teardown(without_them_brood_says_why_and_ends, room_make, room_remove),
};

CHECK_MAIN(tests)
