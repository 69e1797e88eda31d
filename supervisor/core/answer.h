/* answer: the sentence that goes with brood's own answers, with numbers. */
#ifndef BROOD_ANSWER_H
#define BROOD_ANSWER_H

#include <stddef.h>

#include "action.h"

struct fleet;

enum { ANSWER_TEXT = 400 };

void answer_text(const struct answer *a, const struct fleet *f, char *out, size_t size);

#endif
