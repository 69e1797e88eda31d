/* room: a private directory in /tmp for one test, and paths in it. */
#ifndef BROOD_ROOM_H
#define BROOD_ROOM_H

#include <stdbool.h>

extern char room_path[64];

/* Setup and teardown for cmocka: 0, or not. */
int room_make(void **state);
int room_remove(void **state);
/* Path of something in it. Four may be in use at once. */
const char *room_at(const char *name);
/* Is the way to it root's, as everywhere? Else nothing in it can be safe, and a test must skip. */
bool room_is_safe(void);
/* The number of the lowest free descriptor: nothing leaks where it stays. */
int room_lowest_fd(void);

#endif
