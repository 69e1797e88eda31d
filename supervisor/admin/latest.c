/* latest: keys are collected up to twice as many as are wanted; then the older half goes. */
#include "latest.h"

#include <stdlib.h>

struct latest_entry {
	int64_t time;
	uint32_t worker;
	uint32_t order; /* of the line in its worker's history */
	size_t place;   /* in the array of lines */
};

static int by_place(const struct latest_entry *x, const struct latest_entry *y)
{
	if (x->worker != y->worker)
		return x->worker < y->worker ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int compare_places(const void *a, const void *b)
{
	return by_place(a, b);
}

static int compare_times(const void *a, const void *b)
{
	const struct latest_entry *x = a;
	const struct latest_entry *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return by_place(x, y);
}

bool latest_open(struct latest *l, size_t wanted)
{
	*l = (struct latest){.wanted = wanted};
	l->entries = calloc(2 * wanted + 1, sizeof(*l->entries));
	return l->entries != NULL;
}

static void drop_older(struct latest *l)
{
	size_t older = l->count > l->wanted ? l->count - l->wanted : 0;

	qsort(l->entries, l->count, sizeof(*l->entries), compare_times);
	for (size_t i = older; older > 0 && i < l->count; i++)
		l->entries[i - older] = l->entries[i];
	l->count -= older;
}

/* A clock that was set back does not put a line before the one that it follows: of each history the end is kept. */
static void take_time(void *to, int64_t wall_ms)
{
	struct latest *l = to;

	if (wall_ms > l->time)
		l->time = wall_ms;
	l->entries[l->count++] = (struct latest_entry){l->time, l->worker, l->order++, 0};
	if (l->count > 2 * l->wanted)
		drop_older(l);
}

void latest_add(struct latest *l, const struct admin_world *w, uint32_t worker)
{
	l->worker = worker;
	l->order = 0;
	l->time = INT64_MIN;
	w->times(w->context, worker, l->wanted, take_time, l);
}

/* The lines that the entries stand for, worker by worker; each entry learns its place. */
static json_t *make(struct latest *l, const struct admin_world *w)
{
	json_t *lines = json_array();
	size_t many;

	qsort(l->entries, l->count, sizeof(*l->entries), compare_places);
	for (size_t i = 0; i < l->count; i += many) {
		for (many = 0; i + many < l->count && l->entries[i + many].worker == l->entries[i].worker; many++)
			l->entries[i + many].place = i + many;
		w->lines(w->context, l->entries[i].worker, many, lines);
	}
	return lines;
}

json_t *latest_close(struct latest *l, const struct admin_world *w)
{
	json_t *sorted = json_array();
	json_t *lines;

	drop_older(l);
	lines = make(l, w);
	qsort(l->entries, l->count, sizeof(*l->entries), compare_times);
	for (size_t i = 0; i < l->count; i++)
		json_array_append(sorted, json_array_get(lines, l->entries[i].place));
	json_decref(lines);
	free(l->entries);
	return sorted;
}
