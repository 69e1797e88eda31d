/*
 * command: what an operator asks for, and the orderly end of everything.
 *
 * Part of fleet: these are called within fleet_step() only.
 */
#ifndef BROOD_COMMAND_H
#define BROOD_COMMAND_H

#include "event.h"

struct fleet;

/* Everything with autostart begins, in the order of the file. */
void command_start(struct fleet *f);
/* A FLEET_COMMAND. */
void command_take(struct fleet *f, const struct event *e);
/* Tells of the jobs that are through. */
void command_end_jobs(struct fleet *f);
/* Ordered end of everything; a second one changes nothing. */
void command_shut_down(struct fleet *f);
/* End of everything at once. */
void command_halt(struct fleet *f);
/* Tells, once, that nothing is left running after a shutdown. */
void command_finish(struct fleet *f);

#endif
