/* asking: a client of a stage, in the fewest words. What fails ends the test. */
#ifndef BROOD_ASKING_H
#define BROOD_ASKING_H

#include <brood.h>

#include "stage.h"

brood_t *asking_connect(const struct stage *s, const char *socket);
/* timeout 0: the pool's. To be freed. */
struct brood_answer asking_call(brood_t *b, const char *method, const char *body, int timeout);
/* Starts one whose answer nobody needs, and sees it leave. */
void asking_start(brood_t *b, const char *method, const char *body, uint32_t *id_out);
/* The body of an answer, which must be good; valid until the next. */
const char *asking_text(brood_t *b, const char *method, const char *body);
const char *asking_text_within(brood_t *b, const char *method, const char *body, int timeout);
void asking_expect(const char *text, const char *part);

#endif
