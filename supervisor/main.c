/* main: makes the inherited surroundings known ones, then it is all the command line's. */
#include <stdio.h>

#include "cli.h"
#include "run.h"

int main(int argc, char **argv)
{
	if (argc < 1)
		return CLI_USAGE;
	run_normalise();
	return cli_main(argc, argv);
}
