/*
 * lines: an action of the core as one line of a transcript, and the account that it has to agree
 * with.
 *
 * ACTION_RELEASE makes no line: whether it balances is checked at the end of the story.
 */
#ifndef BROOD_STORY_LINES_H
#define BROOD_STORY_LINES_H

#include "scene.h"

void lines_of(struct scene *s, const struct action *a);
/* The counters of a pool that are not 0, as one line. */
void lines_of_counters(struct scene *s, const struct pool *p);

#endif
