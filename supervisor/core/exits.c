/* exits: sets of exits, names of stages and signals. */
#include "exits.h"

#include <signal.h>

bool exits_contain(const struct exit_set *set, const struct exit_facts *facts)
{
	if (facts->kind == EXIT_CODE && facts->value >= 0 && facts->value <= 255)
		return set->codes[facts->value / 64] >> (facts->value % 64) & 1;
	if (facts->kind == EXIT_SIGNAL && facts->value >= 1 && facts->value <= 64)
		return set->signals >> (facts->value - 1) & 1;
	return false;
}

const char *exits_stage_text(enum start_stage stage)
{
	static const char *const texts[] = {
#define STAGE(name, doc) [STAGE_##name] = (doc),
#include "stage.def"
	};

	return texts[stage];
}

const char *exits_signal_name(int number)
{
	switch (number) {
#define SIGNAL(name) \
	case SIG##name: \
		return #name;
#include "signal.def"
	default:
		return "?";
	}
}
