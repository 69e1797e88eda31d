/* world_view: /proc, notes, histories and paths, as callbacks. */
#include "world_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instance.h"
#include "listen.h"
#include "loop.h"
#include "shelf.h"
#include "supervisor.h"

/* Field 2 of /proc/PID/stat may hold anything, so fields are counted from the last ')'. */
static bool read_stat(pid_t pid, unsigned long long *ticks, long long *pages)
{
	char path[40];
	char text[1024];
	unsigned long long user;
	unsigned long long system;
	const char *at;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
				  "%*u %*u %lld",
			  &user, &system, pages) != 3)
		return false;
	*ticks = user + system;
	return true;
}

static void usage(void *context, uint32_t worker, int64_t *cpu_ms, int64_t *rss)
{
	struct supervisor *s = context;
	unsigned long long ticks;
	long long pages;

	if (!read_stat(s->instances[worker].pid, &ticks, &pages))
		return;
	*cpu_ms = (int64_t)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
	*rss = (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static const char *note(void *context, uint32_t worker)
{
	struct supervisor *s = context;

	return s->instances[worker].note;
}

static void stored(void *context, uint32_t pool, uint32_t number, void (*take)(void *to, const char *name), void *to)
{
	shelf_walk(context, pool, number, take, to);
}

static const char *endpoint_path(void *context, uint32_t endpoint)
{
	return listen_path(context, endpoint);
}

static uint64_t endpoint_refused(void *context, uint32_t endpoint)
{
	struct supervisor *s = context;

	return s->endpoints[endpoint].refused;
}

struct collector {
	const struct instance *instance;
	json_t *array;
};

static void collect(void *to, const struct history_line *line, const char *text)
{
	struct collector *c = to;
	char name[80];

	json_array_append_new(c->array, admin_line(instance_name(c->instance, name, sizeof(name)),
						   line->generation, line->stream == HISTORY_STDERR,
						   line->is_continued, line->wall_ms, text, line->size));
}

static void lines(void *context, uint32_t worker, size_t count, json_t *array)
{
	struct supervisor *s = context;
	struct collector c = {&s->instances[worker], array};

	history_walk(&s->instances[worker].history, count, collect, &c);
}

struct time_taker {
	void (*take)(void *to, int64_t wall_ms);
	void *to;
};

static void take_time(void *to, const struct history_line *line, const char *text)
{
	const struct time_taker *t = to;

	(void)text;
	t->take(t->to, line->wall_ms);
}

static void times(void *context, uint32_t worker, size_t count, void (*take)(void *to, int64_t wall_ms), void *to)
{
	struct supervisor *s = context;
	struct time_taker t = {take, to};

	history_walk(&s->instances[worker].history, count, take_time, &t);
}

struct admin_world world_view(struct supervisor *s)
{
	return (struct admin_world){
		.context = s,
		.version = BROOD_VERSION_TEXT,
		.config_path = s->config_path,
		.runtime_path = s->rundir.path,
		.pid = (int)getpid(),
		.now = loop_now(s),
		.wall_ms = loop_wall_ms(),
		.started_wall_ms = s->started_wall_ms,
		.turns = s->turns,
		.usage = usage,
		.note = note,
		.stored = stored,
		.endpoint_path = endpoint_path,
		.endpoint_refused = endpoint_refused,
		.times = times,
		.lines = lines,
	};
}
