/*
 * story: plays .story files: the core under virtual time, its transcript compared line by line. See
 * README.md.
 *
 *   story FILE...                     exit 1 at the first one that is not true
 *   story --actual FILE               prints the story with what really happens
 *   story --covers FILE...            all of them together meet every ON pair of lifecycle.def
 */
#include <stdio.h>
#include <string.h>

#include "pairs.h"
#include "script.h"

static int usage(void)
{
	fprintf(stderr, "usage: story [--actual | --covers] FILE...\n");
	return 2;
}

int main(int argc, char **argv)
{
	bool shows_actual = argc > 1 && strcmp(argv[1], "--actual") == 0;
	bool covers = argc > 1 && strcmp(argv[1], "--covers") == 0;
	int first = covers || shows_actual ? 2 : 1;

	if (argc <= first)
		return usage();
	for (int i = first; i < argc; i++) {
		if (!script_play(argv[i], shows_actual))
			return 1;
	}
	return covers && !pairs_are_covered() ? 1 : 0;
}
