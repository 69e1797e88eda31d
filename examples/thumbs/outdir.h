/*
 * outdir: the directory that the thumbnails go to, and the only place where anything is written.
 *
 * A thumbnail of PICTURE is called PICTURE.thumb.jpg or PICTURE.thumb.png. It appears whole, by
 * rename, and replaces an older one.
 */
#ifndef THUMBS_OUTDIR_H
#define THUMBS_OUTDIR_H

#include <stddef.h>

enum { OUTDIR_NAME = 256 }; /* of a file, with the NUL */

struct outdir {
	const char *path;
	int fd;
};

/* Makes the directory if it is missing. 0 or -errno. `path` must stay. */
int outdir_open(struct outdir *dir, const char *path);
void outdir_close(struct outdir *dir);
/* 1: that file, or what it is a link to, lies in this directory. 0: it does not. Or -errno. */
int outdir_holds(const struct outdir *dir, const char *path);
/*
 * The name of the thumbnail of the picture `name`. 0 · -EINVAL: not the plain name of a file, or a
 * type that is not known here · -ENAMETOOLONG.
 */
int outdir_name(char name_out[OUTDIR_NAME], const char *name, const void *type, size_t type_size);
/* Writes it under a name from outdir_name(). 0 or -errno; then there is no part of it. */
int outdir_write(const struct outdir *dir, const char *name, const void *data, size_t size);

#endif
