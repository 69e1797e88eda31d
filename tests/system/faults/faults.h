/*
 * faults: system calls of a real program that fail when a test says so.
 *
 * libfaults.so is loaded before a program (LD_PRELOAD) and stands between it and the C library. What it is to do lies
 * in a page shared with the test, so that a program that is up and under load can be armed, watched and disarmed. Only
 * calls that the program itself makes can fail, not those of the libraries it uses.
 */
#ifndef BROOD_FAULTS_H
#define BROOD_FAULTS_H

#include <stdatomic.h>
#include <stdint.h>

/* The path of the page, in the environment of the program. */
#define FAULTS_ENV "BROOD_FAULTS"

enum fault_site {
#define SITE(name) FAULT_##name,
#include "faults.def"
	FAULT_SITES
};

/* A call transfers at most so many bytes: written in the place of an errno. Sockets and pipes only. */
#define FAULT_SHORT(bytes) (-(bytes))

struct fault_entry {
	_Atomic uint64_t calls; /* made since it was armed */
	_Atomic uint64_t hits;  /* of which failed, or fell short */
	_Atomic uint64_t first; /* this call fails; 0: none */
	_Atomic uint64_t every; /* and each so-manieth after it; 0: no other */
	_Atomic int error;      /* errno or FAULT_SHORT() */
};

struct fault_page {
	struct fault_entry sites[FAULT_SITES];
	_Atomic uint64_t turns; /* how often the program's loop went to sleep, whatever called */
};

#endif
