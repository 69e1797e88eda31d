/*
 * letter: dead letters: calls that ended with their worker, kept in files for people.
 *
 * One file a call: the facts as lines "key: value", an empty line, then the CALL as it was sent, its body last and of
 * "body" bytes: tail -c gives it back. Written at once; a local disk's page cache is waited for, nothing else.
 */
#ifndef BROOD_LETTER_H
#define BROOD_LETTER_H

#include "action.h"

struct supervisor;

enum { LETTERS_MOST = 1000 };

/* Writes one; what goes wrong is told in the log, and changes nothing for the caller. */
void letter_write(struct supervisor *s, const struct action *a);

#endif
