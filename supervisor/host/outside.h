/*
 * outside: the real callbacks of world.h: files, directories, users and groups of this system.
 *
 * A configuration file is taken only if nobody but root and we could have written it: opened once
 * without following a link, examined and read through that descriptor. Users and groups come from
 * the C library and may wait for whatever it asks, so they are looked up when a configuration is
 * loaded and never later.
 */
#ifndef BROOD_OUTSIDE_H
#define BROOD_OUTSIDE_H

#include "world.h"

enum {
	OUTSIDE_NAMES_MOST = 65536,        /* in one directory */
	OUTSIDE_GROUPS_MOST = 65536,       /* of one user */
	OUTSIDE_LOOKUP_MOST = 1024 * 1024, /* bytes that one user or group may need */
};

/* For the present effective uid. Holds nothing. */
struct world outside_world(void);

#endif
