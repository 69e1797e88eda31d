/* few_polls: a brood whose POLL_FAILS-th descriptor cannot be watched, as where the limit of watches is used up. */
#include <stdlib.h>

#include <uv.h>

int __real_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);
int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd);

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	static long count;
	const char *fails = getenv("POLL_FAILS");

	if (fails && ++count == strtol(fails, NULL, 10))
		return UV_ENOSPC;
	return __real_uv_poll_init(loop, poll, fd);
}
