/* run: `brood run`: from a configuration to a supervisor at work, and to its end. */
#ifndef BROOD_RUN_H
#define BROOD_RUN_H

#include "config.h"

struct supervisor;

struct run_options {
	const char *config_path;  /* for people */
	const char *runtime_path; /* absolute */
	bool is_quiet;            /* says only what goes wrong */
};

/*
 * Runs until the end; returns the exit code of ux: 0, 70, 73 (runtime directory), 78. The configuration stays the
 * caller's. Says what goes wrong on stderr.
 */
int run_supervisor(const struct config *config, const struct run_options *options);

/* The core has finished: what waits to be sent gets a moment, then the loop ends. */
void run_farewell(struct supervisor *s, int exit_code);

/* Makes an inherited environment of signals, descriptors and umask a known one. First thing in main(). */
void run_normalise(void);

#endif
