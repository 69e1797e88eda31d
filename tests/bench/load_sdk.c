/*
 * load_sdk: the same calls through brood.h, as a program of a user would make them: brood_call() for one at a
 * time, brood_run() for many on one connection, one epoll set over the brood_fd() of many connections.
 */
#include <brood.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common.h"
#include "load.h"

struct line;

struct call {
	struct line *line;
	uint8_t *body;
};

struct line {
	struct session *session;
	brood_t *client;
	struct call calls[LOAD_FLIGHT_MOST];
};

struct session {
	const struct load *load;
	struct result *result;
	struct line *lines;
	uint64_t started;
	unsigned open;
};

static void check(const struct session *s, const struct call *c, const struct brood_answer *a)
{
	if (a->code != BROOD_OK)
		die("a call failed: %s: %s", brood_code_name(a->code), a->text);
	if (a->body_size != s->load->size)
		die("an answer of %zu bytes instead of %zu", a->body_size, s->load->size);
	load_compare(c->body, a->body, a->body_size);
	s->result->calls++;
}

static void on_answer(uint32_t id, const struct brood_answer *a, void *user);

static void start_call(struct session *s, struct call *c)
{
	size_t size = s->load->size;

	load_stamp(c->body, size, ++s->started);
	s->open++;
	if (brood_call_start(c->line->client, NULL, c->body, size, NULL, on_answer, c, NULL) < 0)
		die("%s", brood_error());
}

static void on_answer(uint32_t id, const struct brood_answer *a, void *user)
{
	struct call *c = user;
	struct session *s = c->line->session;

	(void)id;
	check(s, c, a);
	s->open--;
	if (load_goes_on(s->load, s->result, s->started))
		start_call(s, c);
	else if (s->open == 0 && s->load->clients == 1)
		brood_stop(c->line->client);
}

static void run_one(struct session *s)
{
	struct call *c = &s->lines[0].calls[0];
	struct brood_answer answer;

	do {
		load_stamp(c->body, s->load->size, ++s->started);
		if (brood_call(c->line->client, NULL, c->body, s->load->size, NULL, &answer) < 0)
			die("%s", answer.text);
		check(s, c, &answer);
		brood_answer_free(&answer);
	} while (load_goes_on(s->load, s->result, s->started));
}

static void run_flight(struct session *s)
{
	struct line *l = &s->lines[0];

	for (unsigned i = 0; i < s->load->flight; i++)
		start_call(s, &l->calls[i]);
	if (brood_run(l->client) < 0)
		die("%s", brood_error());
}

static void run_many(struct session *s)
{
	struct epoll_event events[LOAD_CLIENTS_MOST];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	for (unsigned i = 0; i < s->load->clients; i++) {
		struct line *l = &s->lines[i];
		struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = l}};

		if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, brood_fd(l->client), &e) < 0)
			die("epoll: %s", strerror(errno));
		start_call(s, &l->calls[0]);
	}
	while (s->open > 0) {
		int ready = epoll_wait(epoll, events, LOAD_CLIENTS_MOST, -1);

		for (int i = 0; i < ready; i++) {
			struct line *l = events[i].data.ptr;

			if (brood_process(l->client) < 0)
				die("%s", brood_error());
		}
	}
	close(epoll);
}

static void open_line(struct session *s, struct line *l, const char *address)
{
	const struct brood_client_options options = {.share_from = s->load->copies ? SIZE_MAX : 0};

	l->session = s;
	if (brood_connect(&l->client, address, &options) < 0)
		die("%s", brood_error());
	for (unsigned i = 0; i < s->load->flight; i++) {
		l->calls[i] = (struct call){l, malloc(s->load->size)};
		if (!l->calls[i].body)
			die("no memory");
		load_fill(l->calls[i].body, s->load->size);
	}
}

static void close_line(const struct session *s, struct line *l)
{
	brood_close(l->client);
	for (unsigned i = 0; i < s->load->flight; i++)
		free(l->calls[i].body);
}

void load_sdk(const char *address, const struct load *l, struct result *r)
{
	struct session s = {.load = l, .result = r};

	s.lines = calloc(l->clients, sizeof(*s.lines));
	if (!s.lines)
		die("no memory");
	for (unsigned i = 0; i < l->clients; i++)
		open_line(&s, &s.lines[i], address);
	load_begin(r);
	if (l->clients > 1)
		run_many(&s);
	else if (l->flight > 1)
		run_flight(&s);
	else
		run_one(&s);
	load_end(r);
	for (unsigned i = 0; i < l->clients; i++)
		close_line(&s, &s.lines[i]);
	free(s.lines);
}
