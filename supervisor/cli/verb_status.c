/* verb_status: tables for people, tabs for scripts, JSON for programs. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "trace.h"

static bool has(json_t *o, const char *key)
{
	return json_is_integer(json_object_get(o, key));
}

static void duration(long long ms, char *out, size_t size)
{
	trace_duration((struct duration){ms}, out, size);
}

static void size_text(long long bytes, char *out, size_t size)
{
	if (bytes < 10 << 20)
		snprintf(out, size, "%.1fM", (double)bytes / (1 << 20));
	else
		snprintf(out, size, "%lldM", bytes >> 20);
}

/* Room for the last column; nothing is shortened unless a person reads it. */
static int width(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return 10000;
	return w.ws_col;
}

/* Is it the instance itself, and not another generation beside it? */
static bool is_present(json_t *i)
{
	return strcmp(reply_text(i, "role"), "present") == 0;
}

/* ------------------------------------------------------------------- notes */

static void say_state(json_t *i, char *out, size_t size)
{
	const char *state = reply_text(i, "state");
	char next[32] = "";
	char ago[32];

	if (has(i, "next_ms"))
		duration(reply_number(i, "next_ms"), next, sizeof(next));
	if (strcmp(state, "starting") == 0) {
		snprintf(out, size, "%s left to get ready", next);
	} else if (strcmp(state, "backoff") == 0) {
		snprintf(out, size, "%s; next start in %s (brood why %s)", reply_text(i, "last_exit"), next,
			 reply_text(i, "name"));
	} else if (strcmp(state, "failed") == 0) {
		snprintf(out, size, "%s (brood why %s)", reply_text(i, "last_exit"), reply_text(i, "name"));
	} else if (strcmp(state, "draining") == 0 && !next[0]) {
		snprintf(out, size, "finishes what it has in hand");
	} else if (strcmp(state, "stopping") == 0 || strcmp(state, "draining") == 0) {
		snprintf(out, size, "%s left", next);
	} else if (reply_text(i, "note")[0]) {
		snprintf(out, size, "%s", reply_text(i, "note"));
	} else if (reply_text(i, "last_exit")[0]) {
		duration(reply_number(i, "last_exit_ms"), ago, sizeof(ago));
		snprintf(out, size, "last end: %s, %s ago", reply_text(i, "last_exit"), ago);
	} else {
		out[0] = '\0';
	}
}

/* How many descriptors it has parked; their names are in `why`. */
static void say_stored(json_t *i, char *out, size_t size)
{
	size_t count = json_array_size(json_object_get(i, "stored"));
	size_t used = strlen(out);

	if (count > 0)
		snprintf(out + used, size - used, "%s%zu parked", used > 0 ? ", " : "", count);
}

static void note_of(json_t *i, char *out, size_t size)
{
	size_t used = 0;

	if (!is_present(i))
		used = (size_t)snprintf(out, size, "%s generation %lld, ", reply_text(i, "role"),
					reply_number(i, "generation"));
	say_state(i, out + used, size - used);
	say_stored(i, out, size);
}

/* -------------------------------------------------------------------- tables */

struct row {
	const char *name;
	const char *state;
	char pid[16];
	char up[24];
	long long restarts;
	char busy[24];
	char queue[16];
	char cpu[16];
	char rss[16];
	char note[300];
};

static void print_row(const struct row *r, int name_width)
{
	char state[40];
	int room = width() - name_width - 68;

	printf("%-*s %s %-7s %-8s %8lld  %-7s %-6s %-6s %s", name_width, r->name,
	       cli_state(r->state, state, sizeof(state)), r->pid, r->up, r->restarts, r->busy, r->queue, r->cpu,
	       r->rss);
	if (r->note[0])
		printf("%*s%.*s", 8 - (int)strlen(r->rss), "", room > 0 ? room : 0, r->note);
	putchar('\n');
}

static void fill_usage(json_t *i, struct row *r)
{
	long long up = reply_number(i, "up_ms");

	snprintf(r->cpu, sizeof(r->cpu), "-");
	snprintf(r->rss, sizeof(r->rss), "-");
	if (has(i, "cpu_ms") && up > 0)
		snprintf(r->cpu, sizeof(r->cpu), "%.1f%%", 100.0 * (double)reply_number(i, "cpu_ms") / (double)up);
	if (has(i, "rss"))
		size_text(reply_number(i, "rss"), r->rss, sizeof(r->rss));
}

/* Of an instance or a pool. What takes no calls and has none is not idle: it is out of this. */
static void fill_busy(json_t *o, struct row *r)
{
	long long busy = reply_number(o, "busy");
	long long slots = reply_number(o, "slots");

	if (busy > 0 || slots > 0)
		snprintf(r->busy, sizeof(r->busy), "%lld/%lld", busy, slots);
	else
		snprintf(r->busy, sizeof(r->busy), "-");
}

static void note_of_queue(json_t *pool, char *out, size_t size)
{
	char waits[24];

	if (!has(pool, "oldest_ms"))
		return;
	duration(reply_number(pool, "oldest_ms"), waits, sizeof(waits));
	snprintf(out, size, "%soldest call waits %s",
		 json_is_true(json_object_get(pool, "tight")) ? "the queue gets full, " : "", waits);
}

static void print_instance(json_t *i, json_t *pool, bool is_alone, int name_width)
{
	struct row r = {.name = is_alone ? reply_text(pool, "name") : reply_text(i, "name"),
			.state = reply_text(i, "state"),
			.restarts = reply_number(i, "restarts"),
			.pid = "-",
			.up = "-",
			.queue = "-"};

	if (has(i, "pid"))
		snprintf(r.pid, sizeof(r.pid), "%lld", reply_number(i, "pid"));
	if (has(i, "up_ms"))
		duration(reply_number(i, "up_ms"), r.up, sizeof(r.up));
	fill_busy(i, &r);
	if (is_alone)
		snprintf(r.queue, sizeof(r.queue), "%lld", reply_number(pool, "queue"));
	fill_usage(i, &r);
	note_of(i, r.note, sizeof(r.note));
	if (is_alone && !r.note[0])
		note_of_queue(pool, r.note, sizeof(r.note));
	print_row(&r, name_width);
}

static bool goes_by_load(json_t *pool)
{
	return reply_number(pool, "least") < reply_number(pool, "most");
}

static void note_of_pool(json_t *p, char *out, size_t size)
{
	size_t used = 0;

	if (goes_by_load(p))
		used = (size_t)snprintf(out, size, "%lld..%lld by load", reply_number(p, "least"),
					reply_number(p, "most"));
	if (used > 0 && has(p, "oldest_ms"))
		used += (size_t)snprintf(out + used, size - used, ", ");
	note_of_queue(p, out + used, size - used);
}

static void print_pool(json_t *p, int name_width)
{
	char state[32];
	struct row r = {.name = reply_text(p, "name"),
			.state = state,
			.restarts = reply_number(p, "restarts"),
			.pid = "-",
			.up = "-",
			.cpu = "-",
			.rss = "-"};

	snprintf(state, sizeof(state), "%s %lld/%lld", reply_text(p, "state"), reply_number(p, "up"),
		 reply_number(p, "instances"));
	fill_busy(p, &r);
	snprintf(r.queue, sizeof(r.queue), "%lld", reply_number(p, "queue"));
	note_of_pool(p, r.note, sizeof(r.note));
	print_row(&r, name_width);
}

static int longest_name(json_t *reply)
{
	json_t *i;
	size_t n;
	int longest = 6;

	json_array_foreach(json_object_get(reply, "instances"), n, i) {
		if ((int)strlen(reply_text(i, "name")) > longest)
			longest = (int)strlen(reply_text(i, "name"));
	}
	return longest;
}

static void print_workers(json_t *reply)
{
	int name_width = longest_name(reply);
	json_t *pool;
	json_t *i;
	size_t p;
	size_t n;

	if (json_array_size(json_object_get(reply, "pools")) == 0)
		return;
	printf("\n%-*s %-9s %-7s %-8s %8s  %-7s %-6s %-6s %-7s %s\n", name_width, "WORKER", "STATE", "PID", "UP",
	       "RESTARTS", "BUSY", "QUEUE", "CPU", "RSS", "NOTE");
	json_array_foreach(json_object_get(reply, "pools"), p, pool) {
		bool is_alone = reply_number(pool, "instances") == 1 && !goes_by_load(pool);

		if (!is_alone)
			print_pool(pool, name_width);
		json_array_foreach(json_object_get(reply, "instances"), n, i) {
			if (strcmp(reply_text(i, "pool"), reply_text(pool, "name")) == 0)
				print_instance(i, pool, is_alone, name_width);
		}
	}
}

static void print_endpoints(json_t *reply)
{
	json_t *e;
	size_t n;
	int name_width = 10;
	int listen_width = 20;

	json_array_foreach(json_object_get(reply, "endpoints"), n, e) {
		if ((int)strlen(reply_text(e, "name")) > name_width)
			name_width = (int)strlen(reply_text(e, "name"));
		if ((int)strlen(reply_text(e, "listen")) > listen_width)
			listen_width = (int)strlen(reply_text(e, "listen"));
	}
	json_array_foreach(json_object_get(reply, "endpoints"), n, e) {
		char state[40];

		if (n == 0)
			printf("\n%-*s %-*s %-9s %-9s %s\n", name_width, "ENDPOINT", listen_width, "LISTEN", "STATE",
			       "CLIENTS", "TO");
		printf("%-*s %-*s %s %lld/%-6lld %s\n", name_width, reply_text(e, "name"), listen_width,
		       reply_text(e, "listen"), cli_state(reply_text(e, "state"), state, sizeof(state)),
		       reply_number(e, "clients"), reply_number(e, "max_clients"), reply_text(e, "pool"));
	}
}

static void print_links(json_t *reply)
{
	json_t *l;
	size_t n;
	int width = 6;

	json_array_foreach(json_object_get(reply, "links"), n, l) {
		if ((int)strlen(reply_text(l, "caller")) > width)
			width = (int)strlen(reply_text(l, "caller"));
	}
	json_array_foreach(json_object_get(reply, "links"), n, l) {
		if (n == 0)
			printf("\n%-*s %-8s %-6s %s\n", width, "CALLER", "WAY", "OPEN", "TO");
		printf("%-*s %-8s %-6lld %s\n", width, reply_text(l, "caller"),
		       json_is_true(json_object_get(l, "direct")) ? "direct" : "relayed", reply_number(l, "open"),
		       reply_text(l, "pool"));
	}
}

/* Instances in this state; NULL: in any. */
static size_t count_present(json_t *reply, const char *state)
{
	json_t *i;
	size_t n;
	size_t count = 0;

	json_array_foreach(json_object_get(reply, "instances"), n, i)
		count += is_present(i) && (!state || strcmp(reply_text(i, "state"), state) == 0);
	return count;
}

static void print_head(json_t *reply)
{
	static const char *const states[] = {"up",       "starting", "draining", "stopping",
					     "killing",  "backoff",  "failed",   "down"};
	char up[32];
	size_t pools = json_array_size(json_object_get(reply, "pools"));
	size_t instances = count_present(reply, NULL);
	const char *separator = ": ";

	duration(reply_number(reply, "up_ms"), up, sizeof(up));
	printf("brood %s  pid %lld  up %s  %s  %zu worker%s, %zu instance%s", reply_text(reply, "version"),
	       reply_number(reply, "pid"), up, reply_text(reply, "config"), pools, pools == 1 ? "" : "s", instances,
	       instances == 1 ? "" : "s");
	for (unsigned s = 0; s < sizeof(states) / sizeof(states[0]); s++) {
		size_t count = count_present(reply, states[s]);

		if (count > 0) {
			printf("%s%zu %s", separator, count, states[s]);
			separator = ", ";
		}
	}
	printf("%s\n", json_is_true(json_object_get(reply, "stopping")) ? "  (stopping)" : "");
}

static json_t *pool_of(json_t *reply, json_t *instance)
{
	json_t *pool;
	size_t n;

	json_array_foreach(json_object_get(reply, "pools"), n, pool) {
		if (strcmp(reply_text(pool, "name"), reply_text(instance, "pool")) == 0)
			return pool;
	}
	return NULL;
}

static void print_plain(json_t *reply)
{
	json_t *i;
	size_t n;

	json_array_foreach(json_object_get(reply, "instances"), n, i) {
		if (is_present(i))
			printf("%s\t%s\t%lld\t%lld\t%lld\t%lld\t%lld\n", reply_text(i, "name"), reply_text(i, "state"),
			       reply_number(i, "pid"), reply_number(i, "restarts"), reply_number(i, "busy"),
			       reply_number(i, "slots"), reply_number(pool_of(reply, i), "queue"));
	}
}

/* Is everything up that is wanted to be? */
static bool is_well(json_t *reply)
{
	json_t *i;
	size_t n;

	json_array_foreach(json_object_get(reply, "instances"), n, i) {
		bool wanted = strcmp(reply_text(i, "wish"), "down") != 0;
		bool at_rest = strcmp(reply_text(i, "state"), "down") == 0; /* ended with success, and that was all */

		if (wanted && !at_rest && strcmp(reply_text(i, "state"), "up") != 0)
			return false;
	}
	return true;
}

int verb_status(const struct cli *c)
{
	json_t *names = json_array();
	json_t *reply;
	int code;

	for (int i = 0; i < c->name_count; i++)
		json_array_append_new(names, json_string(c->names[i]));
	code = caller_ask(c, "Status", json_pack("{s:o}", "names", names), &reply);
	if (code != 0)
		return code;
	if (c->json) {
		code = reply_print(reply, JSON_INDENT(2));
	} else if (c->plain) {
		print_plain(reply);
	} else {
		print_head(reply);
		print_workers(reply);
		print_endpoints(reply);
		print_links(reply);
	}
	if (code == CLI_DONE && !is_well(reply))
		code = CLI_NOT_UP;
	json_decref(reply);
	return code;
}
