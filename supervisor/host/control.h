/*
 * control: the admin socket: Varlink over admin.sock, for operators and their tools.
 */
#ifndef BROOD_CONTROL_H
#define BROOD_CONTROL_H

#include <stdbool.h>

#include "attributes.h"
#include "action.h"
#include "history.h"

struct supervisor;
struct instance;
struct operator;

/* Opens admin.sock in the runtime directory. 0 or -errno with a sentence. */
MUST_USE int control_open(struct supervisor *s, char *problem, size_t size);
void control_close(struct supervisor *s);
/* Publishes the admin socket again if it has lost its name. False: it could not be; why is said once. */
MUST_USE bool control_renew(struct supervisor *s);

/* The system may have memory again for what waits to be sent. */
void control_retry(struct supervisor *s);
/* Lets operators go on whose task has ended: never inside a step of the core. */
void control_resume(struct supervisor *s);
/* An operator is gone. */
void control_forget(struct operator *o);
/* Is nothing waiting to be sent? */
bool control_is_idle(const struct supervisor *s);
/* A line of output, for those who follow. */
void control_line(struct supervisor *s, const struct instance *i, const struct history_line *line,
		  const char *text);
/* Actions for an operator's call or command. */
void control_answer(struct supervisor *s, const struct action *a);
void control_forward(struct supervisor *s, const struct action *a);
/* Lets a worker go on whose messages this operator has read. */
void control_pay(struct operator *o);
void control_job_done(struct supervisor *s, const struct action *a);

#endif
