/*
 * loop: libuv's loop around the core.
 *
 * Events that come while the core works (an action has failed, say) are kept and given next: the core is never
 * entered twice. What a turn has produced is written by one system call for each peer.
 */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control.h"
#include "link.h"
#include "output.h"
#include "perform.h"
#include "supervisor.h"

enum { SHORTAGE_MS = 10 };

struct instant loop_now(const struct supervisor *s)
{
	return (struct instant){(int64_t)uv_now(&s->uv)};
}

int64_t loop_wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Room for one more event; without memory the supervisor cannot keep its promises and ends. */
static void keep(struct supervisor *s, const struct event *e)
{
	if (s->event_count == s->event_capacity) {
		size_t capacity = s->event_capacity ? 2 * s->event_capacity : 64;
		struct event *grown = realloc(s->events, capacity * sizeof(*grown));

		if (!grown)
			abort();
		s->events = grown;
		s->event_capacity = capacity;
	}
	s->events[s->event_count++] = *e;
}

static void step(struct supervisor *s, struct event *e)
{
	struct actions out = {perform, s};

	e->now = loop_now(s);
	fleet_step(&s->fleet, e, &out);
}

void loop_give(struct supervisor *s, struct event *e)
{
	if (s->fleet.is_stepping || s->event_count > 0) {
		keep(s, e);
		return;
	}
	step(s, e);
	for (size_t i = 0; i < s->event_count; i++) {
		struct event next = s->events[i];

		step(s, &next);
	}
	s->event_count = 0;
}

void loop_mark(struct supervisor *s, struct link *l)
{
	if (l->is_dirty)
		return;
	l->is_dirty = true;
	l->next_dirty = s->dirty;
	s->dirty = l;
}

static void on_shortage_over(uv_timer_t *timer)
{
	struct supervisor *s = timer->data;

	while (s->starved) {
		struct link *l = s->starved;

		s->starved = l->next_starved;
		l->is_starved = false;
		loop_mark(s, l);
	}
	control_retry(s);
}

void loop_starve(struct supervisor *s, struct link *l)
{
	if (l && !l->is_starved) {
		l->is_starved = true;
		l->next_starved = s->starved;
		s->starved = l;
	}
	if (!uv_is_active((uv_handle_t *)&s->shortage))
		uv_timer_start(&s->shortage, on_shortage_over, SHORTAGE_MS, 0);
}

static void flush_all(struct supervisor *s)
{
	while (s->dirty) {
		struct link *l = s->dirty;

		s->dirty = l->next_dirty;
		l->is_dirty = false;
		link_turn(l);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct supervisor *s = timer->data;

	s->armed = INSTANT_NEVER;
	loop_give(s, &(struct event){.kind = FLEET_TICK});
}

static void arm(struct supervisor *s)
{
	struct instant next = s->is_ending ? INSTANT_NEVER : fleet_next(&s->fleet);

	if (next.ms == s->armed.ms)
		return;
	s->armed = next;
	if (instant_is_never(next))
		uv_timer_stop(&s->timer);
	else
		uv_timer_start(&s->timer, on_timer,
			       (uint64_t)duration_between(loop_now(s), next).ms, 0);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct supervisor *s = prepare->data;

	s->turns++;
	if (s->has_news)
		control_resume(s);
	flush_all(s);
	arm(s);
}

int loop_open(struct supervisor *s)
{
	int rc = uv_loop_init(&s->uv);

	if (rc < 0)
		return rc;
	s->buffer = malloc(HOST_READ_SIZE);
	s->line = malloc(OUTPUT_LINE);
	if (!s->buffer || !s->line)
		return -ENOMEM;
	s->armed = INSTANT_NEVER;
	uv_timer_init(&s->uv, &s->timer);
	uv_timer_init(&s->uv, &s->farewell);
	uv_timer_init(&s->uv, &s->shortage);
	partial_open(s);
	uv_prepare_init(&s->uv, &s->prepare);
	s->timer.data = s->farewell.data = s->shortage.data = s->prepare.data = s;
	uv_prepare_start(&s->prepare, on_prepare);
	uv_unref((uv_handle_t *)&s->prepare);
	return 0;
}

void loop_run(struct supervisor *s)
{
	uv_run(&s->uv, UV_RUN_DEFAULT);
}

void loop_close(struct supervisor *s)
{
	uv_close((uv_handle_t *)&s->timer, NULL);
	uv_close((uv_handle_t *)&s->farewell, NULL);
	partial_close(s);
	uv_close((uv_handle_t *)&s->shortage, NULL);
	uv_close((uv_handle_t *)&s->prepare, NULL);
	uv_run(&s->uv, UV_RUN_DEFAULT);
	uv_loop_close(&s->uv);
	free(s->buffer);
	free(s->line);
	free(s->events);
}
