/* penalty: a short list; the one that ends first makes room. */
#include "penalty.h"

#include <stddef.h>

static bool is_forgotten(const struct penalty *e, struct instant now)
{
	return !instant_is_before(now, instant_after(e->until, (struct duration){PENALTY_MOST_MS}));
}

static struct penalty *entry_for(struct penalties *p, uint32_t uid, struct instant now)
{
	struct penalty *first_to_end = NULL;

	for (uint32_t i = 0; i < p->count; i++) {
		struct penalty *e = &p->entries[i];

		if (e->uid == uid) {
			if (is_forgotten(e, now))
				e->deaths = 0;
			return e;
		}
		if (!first_to_end || instant_is_before(e->until, first_to_end->until))
			first_to_end = e;
	}
	if (p->count < PENALTIES_MOST)
		first_to_end = &p->entries[p->count++];
	*first_to_end = (struct penalty){.uid = uid};
	return first_to_end;
}

void penalty_add(struct penalties *p, uint32_t uid, struct duration least, struct instant now)
{
	struct penalty *e;
	int64_t ms = least.ms;

	if (least.ms == 0 || uid == 0 || uid == p->own_uid)
		return;
	e = entry_for(p, uid, now);
	for (uint32_t i = 0; i < e->deaths && ms < PENALTY_MOST_MS; i++)
		ms *= 2;
	e->deaths++;
	e->until = instant_after(now, (struct duration){ms < PENALTY_MOST_MS ? ms : PENALTY_MOST_MS});
}

struct duration penalty_left(const struct penalties *p, uint32_t uid, struct instant now, uint32_t *deaths_out)
{
	*deaths_out = 0;
	for (uint32_t i = 0; i < p->count; i++) {
		const struct penalty *e = &p->entries[i];

		if (e->uid != uid || !instant_is_before(now, e->until))
			continue;
		*deaths_out = e->deaths;
		return duration_between(now, e->until);
	}
	return (struct duration){0};
}
