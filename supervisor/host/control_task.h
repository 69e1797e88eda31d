/* control_task: what an operator's message sets off: commands, calls, following, the end. */
#ifndef BROOD_CONTROL_TASK_H
#define BROOD_CONTROL_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "publish.h"

struct gate;
struct operator;

/* Some places are never taken by those who wait, so that brood can always be asked what it is doing. */
enum { OPERATORS_MOST = 64, OPERATORS_WAITING_MOST = OPERATORS_MOST - 4 };

struct control {
	struct supervisor *s;
	struct published name;
	struct gate *gate; /* NULL: not open */
	struct operator *operators;
	unsigned count;
	uint32_t next_job;
	char problem[PUBLISH_PROBLEM]; /* why the lost socket could not be published again, as it was said */
};

/* One message. */
void task_handle(struct operator *o, const char *message, size_t size);
/* The operator is gone: its call ends, a command goes on without it. */
void task_forget(struct operator *o);

#endif
