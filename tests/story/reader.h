/*
 * reader: the words of one left side, and what they name in the scene.
 */
#ifndef BROOD_STORY_READER_H
#define BROOD_STORY_READER_H

#include "scene.h"

enum { READER_WORDS = 12, READER_PROBLEM = 200 };

struct reader {
	struct scene *s;
	char *words[READER_WORDS + 1];
	int count;
	int at;
	char *problem; /* READER_PROBLEM bytes */
};

/* Cuts the text, which is changed, into words. */
MUST_USE bool reader_split(struct reader *r, char *text);
/* Sets the problem; false, for the caller to return. */
bool reader_wrong(struct reader *r, const char *format, ...) PRINTF_LIKE(2, 3);

MUST_USE bool reader_word(struct reader *r, const char **word_out);
/* Skips the next word if it is this one. */
bool reader_sees(struct reader *r, const char *word);
MUST_USE bool reader_number(struct reader *r, uint32_t *number_out);
MUST_USE bool reader_time(struct reader *r, struct duration *time_out);
/* "250ms", "0.25s", "1m30s"; false if it is none of these. */
MUST_USE bool reader_parse_time(const char *text, struct duration *time_out);

MUST_USE bool reader_pool(struct reader *r, uint32_t *pool_out);
/* "thumbs/0", or "thumbs" with *instance_out NONE. */
MUST_USE bool reader_target(struct reader *r, uint32_t *pool_out, uint32_t *instance_out);
/* Worker and present generation of an event. */
MUST_USE bool reader_worker(struct reader *r, struct event *e);
/* "gen 1" at the end of an event about a worker names an older process; else it is the present. */
MUST_USE bool reader_generation(struct reader *r, struct event *e);
/* "client/7" */
MUST_USE bool reader_call_name(struct reader *r, char name[SCENE_NAME], uint32_t *id_out);
/* The same, of a call that there has been. */
MUST_USE bool reader_call(struct reader *r, struct scene_call **call_out);

#endif
