/* exits: how a process ended, or did not even begin, as plain facts. */
#ifndef BROOD_EXITS_H
#define BROOD_EXITS_H

#include <stdbool.h>
#include <stdint.h>

#include "spec.h"

enum start_stage {
#define STAGE(name, doc) STAGE_##name,
#include "stage.def"
};

enum exit_kind {
	EXIT_NONE,        /* it has not ended */
	EXIT_CODE,        /* value: 0..255 */
	EXIT_SIGNAL,      /* value: the signal */
	EXIT_NOT_STARTED, /* value: errno; stage says where */
	EXIT_CHANNEL,     /* lives, but its channel is gone: value: 0 closed, 1 protocol broken */
};

struct exit_facts {
	enum exit_kind kind;
	int value;
	enum start_stage stage;
	bool dumped_core;
	bool was_mute; /* it had a channel and never answered on it: host's word */
	bool was_late; /* it was not ready within start_timeout: the core's */
};

/* Is this end in the set? Only codes and signals can be. */
bool exits_contain(const struct exit_set *set, const struct exit_facts *facts);
const char *exits_stage_text(enum start_stage stage);
/* "SEGV" for 11; "?" if the signal has no name here. */
const char *exits_signal_name(int number);

#endif
