/*
 * words: the left side of a step as an event of the core. README.md lists the words.
 *
 * Names are looked up in the scene: a worker, client or call that there is none of is an error of
 * the story.
 */
#ifndef BROOD_STORY_WORDS_H
#define BROOD_STORY_WORDS_H

#include "reader.h"

enum words_result {
	WORDS_EVENT,    /* *event_out is to be given to the core */
	WORDS_COUNTERS, /* event_out->pool is to be looked at */
	WORDS_WRONG,    /* see problem */
};

/* Changes `text`. event_out->now is left alone. */
MUST_USE enum words_result words_read(struct scene *s, char *text, struct event *event_out,
				      char problem[READER_PROBLEM]);

#endif
