/*
 * home: where the tests find brood and its workers, and make their directories.
 *
 * That is the build tree. But some tests become other users, who must reach it, and the path of a socket holds 107
 * bytes: where root has built in a directory of its own (/root), or too deep, all is copied to a public place, which
 * is removed in the end.
 */
#ifndef BROOD_HOME_H
#define BROOD_HOME_H

const char *home_brood(void);
const char *home_badworker(void);
/* A directory for those of the tests. */
const char *home_scratch(void);

#endif
