/* suspects: a short list, looked through from its end; as long as nobody has died it is empty. */
#include "suspects.h"

#include <stddef.h>
#include <string.h>

static void remove_at(struct suspects *s, uint32_t at)
{
	s->count--;
	memmove(&s->entries[at], &s->entries[at + 1], (s->count - at) * sizeof(s->entries[0]));
}

static void forget_old(struct suspects *s, struct instant now)
{
	for (uint32_t i = s->count; i-- > 0;) {
		if (!instant_is_before(now, s->entries[i].until))
			remove_at(s, i);
	}
}

static struct suspect *find(struct suspects *s, uint16_t pool, uint64_t key)
{
	for (uint32_t i = s->count; key != 0 && i-- > 0;) {
		if (s->entries[i].key == key && s->entries[i].pool == pool)
			return &s->entries[i];
	}
	return NULL;
}

const struct suspect *suspects_find(struct suspects *s, uint16_t pool, uint64_t key, struct instant now)
{
	if (s->count == 0)
		return NULL;
	forget_old(s, now);
	return find(s, pool, key);
}

/* One that is only suspected goes before one that is proved guilty. */
static void make_room(struct suspects *s)
{
	uint32_t at = 0;

	if (s->count < SUSPECTS_MOST)
		return;
	while (at < s->count && s->entries[at].is_quarantined)
		at++;
	remove_at(s, at < s->count ? at : 0);
	s->forgotten++;
}

bool suspects_accuse(struct suspects *s, uint16_t pool, uint64_t key, bool was_alone, const struct worker_spec *spec,
		     struct instant now)
{
	struct suspect *e;

	if (key == 0 || spec->quarantine.ms == 0)
		return false;
	forget_old(s, now);
	e = find(s, pool, key);
	if (!e) {
		make_room(s);
		e = &s->entries[s->count++];
		*e = (struct suspect){.key = key, .pool = pool};
	}
	e->deaths++;
	e->until = instant_after(now, spec->quarantine);
	e->is_quarantined |= was_alone && e->deaths >= spec->max_attempts;
	return e->is_quarantined;
}

void suspects_clear(struct suspects *s, uint16_t pool, uint64_t key)
{
	struct suspect *e = s->count > 0 ? find(s, pool, key) : NULL;

	if (e && !e->is_quarantined)
		remove_at(s, (uint32_t)(e - s->entries));
}

uint32_t suspects_release(struct suspects *s, uint64_t key)
{
	uint32_t released = 0;

	for (uint32_t i = s->count; i-- > 0;) {
		if (key != 0 && s->entries[i].key != key)
			continue;
		remove_at(s, i);
		released++;
	}
	return released;
}
