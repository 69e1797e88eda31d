/* bare_parent: the least that starts workers, sees them end, starts them again and stops them: beside brood. */
#ifndef BENCH_BARE_PARENT_H
#define BENCH_BARE_PARENT_H

#include <sys/types.h>

/*
 * Forks a process that keeps `count` copies of this worker running until it gets SIGTERM; then it ends them all, waits
 * for them, and ends.
 */
pid_t bare_parent_start(const char *worker, unsigned count);

#endif
