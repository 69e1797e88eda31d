/*
 * command: what an operator asks for, and the orderly end of everything.
 *
 * Part of fleet: these are called within fleet_step() only.
 */
#ifndef BROOD_COMMAND_H
#define BROOD_COMMAND_H

#include "event.h"
#include "worker.h"

struct fleet;

/* Everything with autostart begins, in the order of the file. */
void command_start(struct fleet *f);
/* A FLEET_COMMAND. */
void command_take(struct fleet *f, const struct event *e);
/* What became of the calls in hand of a process that has ended or cannot be spoken with any more. */
void command_count_calls(struct fleet *f, const struct worker *w, const struct trace_calls *calls);
/* Tells of the jobs that are through. */
void command_end_jobs(struct fleet *f);
/* Ordered end of everything; a second one changes nothing. */
void command_shut_down(struct fleet *f);
/* End of everything at once. */
void command_halt(struct fleet *f);
/* Tells, once, that nothing is left running after a shutdown. */
void command_finish(struct fleet *f);

#endif
