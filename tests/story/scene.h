/*
 * scene: the core under virtual time, and what the world outside would know of it: clients, calls,
 * bodies.
 *
 * One event in, the lines of its transcript out. The scene keeps its own account of every call, so
 * that a call answered twice, or a body released twice or never, ends the story whatever its
 * transcript says.
 */
#ifndef BROOD_STORY_SCENE_H
#define BROOD_STORY_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "fleet.h"

enum {
	SCENE_CLIENTS = 64,
	SCENE_NAME = 32,
	SCENE_CALLS = 2048,
	SCENE_LINES = 256, /* of one step */
	SCENE_LINE = 512,
};

/* One call as its client sees it. Its place in the table is the name of its body. */
struct scene_call {
	uint32_t client;
	uint32_t id;
	bool is_open;     /* the client waits for an answer */
	bool is_released; /* the core needs the body no more */
	bool is_held;     /* a worker has it */
	uint32_t worker;  /* that has it, or had it last; NONE */
	uint32_t generation;
	uint32_t wire_id;
};

struct scene {
	struct config *config;
	void *storage;
	struct fleet fleet;
	char clients[SCENE_CLIENTS][SCENE_NAME]; /* by number */
	bool is_connected[SCENE_CLIENTS];
	uint32_t client_count;
	struct scene_call calls[SCENE_CALLS];
	uint32_t call_count;
	uint32_t speaker; /* the worker whose frame is at hand */
	char lines[SCENE_LINES][SCENE_LINE];
	uint32_t line_count;
	char problem[256]; /* a promise that was broken; empty: none */
};

/* Loads the configuration and begins; false: see problem. */
bool scene_open(struct scene *s, const char *text, size_t size);
void scene_close(struct scene *s);
/* Gives one event to the core; lines[] is then what came of it. */
void scene_step(struct scene *s, const struct event *e);
/* The promises that hold at any end of a story; false: see problem. */
bool scene_balances(struct scene *s);

void scene_say(struct scene *s, const char *format, ...) PRINTF_LIKE(2, 3);
/* The first problem stays. */
void scene_complain(struct scene *s, const char *format, ...) PRINTF_LIKE(2, 3);

/* The number of a client; NONE if no story line has named it. */
uint32_t scene_client(const struct scene *s, const char *name);
/* Gives a client that nobody named before a number; NONE: too many. */
uint32_t scene_new_client(struct scene *s, const char *name);
/* The newest call of this client with this id, or NULL. */
struct scene_call *scene_call_of(struct scene *s, uint32_t client, uint32_t id);
/* A new call, whose place in calls[] is its body; NULL: too many. */
struct scene_call *scene_new_call(struct scene *s, uint32_t client, uint32_t id);

#endif
