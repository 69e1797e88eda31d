/*
 * place: a directory that nobody else can change.
 *
 * A name in the file system proves something only if no other user can replace any part of the way to it.
 */
#ifndef BROOD_PLACE_H
#define BROOD_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "attributes.h"

enum { PLACE_PROBLEM = 512 };

/*
 * Opens the directory at `path` (absolute) as an O_PATH descriptor, part by part: each part belongs to root,
 * to our effective uid or to `trusted`, and is not writable by group or others; a sticky directory of root's
 * (like /tmp) is allowed where the next part belongs to one of these. Symbolic links are followed only if
 * they belong to root or to us. 0, or -errno with one sentence in `problem` (-EPERM: unsafe).
 */
MUST_USE int place_open(const char *path, uid_t trusted, int *dirfd_out, char problem[PLACE_PROBLEM]);

/*
 * Is the open directory a sticky one like /tmp, in which others may add names? What is there and ours cannot be
 * replaced, but a name that is not there yet can be taken by anybody.
 */
MUST_USE bool place_is_shared(int dirfd);

/* Writes "/proc/self/fd/N/name": reaches name in the open directory whatever its path is. 0, or -ENAMETOOLONG. */
MUST_USE int place_name(char *out, size_t size, int dirfd, const char *name);

/* Splits "/a/b/c" into "/a/b" and "c". 0, or -EINVAL if either part would be empty, -ENAMETOOLONG. */
MUST_USE int place_split(const char *path, char *directory_out, size_t size, const char **name_out);

#endif
