/* errand: a count for each worker, and a list of those whose count has become 0. */
#include "errand.h"

#include <assert.h>
#include <stddef.h>

#include "action.h"

void errands_begin(struct errands *e, uint32_t worker)
{
	if (worker != NONE)
		e->of[worker].open++;
}

void errands_end(struct errands *e, uint32_t worker)
{
	struct errand *of = worker == NONE ? NULL : &e->of[worker];

	if (!of)
		return;
	assert(of->open > 0);
	if (--of->open > 0 || of->is_listed)
		return;
	of->is_listed = true;
	of->next = e->first;
	e->first = worker;
}

uint32_t errands_take(struct errands *e)
{
	uint32_t worker = e->first;

	if (worker == NONE)
		return NONE;
	e->first = e->of[worker].next;
	e->of[worker].is_listed = false;
	return worker;
}

uint32_t errands_open(const struct errands *e, uint32_t worker)
{
	return e->of[worker].open;
}
