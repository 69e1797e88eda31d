/* marks: workers write down when they started and when they were ready, into a FIFO named by BENCH_MARKS. */
#ifndef BENCH_MARKS_H
#define BENCH_MARKS_H

#include <stdbool.h>
#include <stdint.h>

enum mark_kind { MARK_START = 1, MARK_READY = 2 };

struct mark {
	uint64_t at; /* now_ns() */
	int32_t pid;
	uint32_t kind;
};

#define MARKS_ENV "BENCH_MARKS"

/* Reader: makes the FIFO "marks" in this directory and names it in the environment. Returns the descriptor. */
int marks_open(const char *directory);
/* The next mark; false if none came within this time. */
bool marks_next(int fd, int timeout_ms, struct mark *out);

/* Writer: -1 where nobody asks for marks. */
int marks_writer(void);
void marks_write(int fd, enum mark_kind kind);

#endif
