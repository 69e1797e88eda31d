/*
 * script: a .story file, played. README.md says what stands in it.
 */
#ifndef BROOD_STORY_SCRIPT_H
#define BROOD_STORY_SCRIPT_H

#include <stdbool.h>

#include "attributes.h"

/*
 * Plays one file; false: it is not true, and the difference was printed. With `shows_actual` the
 * file is printed to stdout as it would have to be: the same steps with what really came of them.
 */
MUST_USE bool script_play(const char *path, bool shows_actual);

#endif
