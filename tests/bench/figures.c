/* figures: see figures.h. */
#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

void figures_add(struct figures *f, double value)
{
	if (f->count == ROUNDS_MOST)
		die("more than %d rounds", (int)ROUNDS_MOST);
	f->values[f->count++] = value;
}

static int compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

double figures_quantile(const struct figures *f, double part)
{
	double sorted[ROUNDS_MOST];
	unsigned at;

	if (f->count == 0)
		return 0;
	memcpy(sorted, f->values, f->count * sizeof(sorted[0]));
	qsort(sorted, f->count, sizeof(sorted[0]), compare);
	at = (unsigned)((double)(f->count - 1) * part + 0.5);
	return sorted[at];
}

struct spread figures_spread(const struct figures *f)
{
	return (struct spread){
		.median = figures_quantile(f, 0.5),
		.lowest = figures_quantile(f, 0),
		.highest = figures_quantile(f, 1),
	};
}

struct spread figures_ratio(const struct figures *a, const struct figures *b)
{
	struct figures ratios = {.count = 0};

	for (unsigned i = 0; i < a->count && i < b->count; i++) {
		if (b->values[i] > 0)
			figures_add(&ratios, a->values[i] / b->values[i]);
	}
	return figures_spread(&ratios);
}

void goal_print(const char *name, struct spread s, struct goal g)
{
	bool met = g.kind == GOAL_AT_MOST ? s.median <= g.limit : s.median >= g.limit;

	printf("    %-34s %6.2f  (%.2f..%.2f)", name, s.median, s.lowest, s.highest);
	if (g.kind != GOAL_NONE)
		printf("  goal %s %g: %s", g.kind == GOAL_AT_MOST ? "<=" : ">=", g.limit,
		       met ? "ok" : "SHORT");
	putchar('\n');
}
