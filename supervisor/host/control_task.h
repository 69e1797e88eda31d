/* control_task: what an operator's message sets off: commands, calls, following, the end. */
#ifndef BROOD_CONTROL_TASK_H
#define BROOD_CONTROL_TASK_H

#include <stddef.h>

struct operator;

/* One message. */
void task_handle(struct operator *o, const char *message, size_t size);
/* The operator is gone; what it set off goes on without it. */
void task_forget(struct operator *o);

#endif
