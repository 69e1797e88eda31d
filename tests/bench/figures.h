/* figures: what several rounds gave: median, lowest, highest; and ratios of two that ran side by side. */
#ifndef BENCH_FIGURES_H
#define BENCH_FIGURES_H

#include <stdbool.h>

enum { ROUNDS_MOST = 256 };

struct figures {
	double values[ROUNDS_MOST];
	unsigned count;
};

struct spread {
	double median;
	double lowest;
	double highest;
};

void figures_add(struct figures *f, double value);
struct spread figures_spread(const struct figures *f);
/* The value below which `part` (0.99) of all lie. */
double figures_quantile(const struct figures *f, double part);
/* Round by round a / b: both ran next to each other, so noise that lasts hits both. */
struct spread figures_ratio(const struct figures *a, const struct figures *b);

enum goal_kind { GOAL_NONE, GOAL_AT_MOST, GOAL_AT_LEAST };

struct goal {
	enum goal_kind kind;
	double limit;
};

/* "name 1.07 (1.01..1.20), goal <= 1.15: ok" */
void goal_print(const char *name, struct spread s, struct goal g);

#endif
