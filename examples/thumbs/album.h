/*
 * album: the list of picture files that thumbs-send was told to send.
 */
#ifndef THUMBS_ALBUM_H
#define THUMBS_ALBUM_H

#include <stddef.h>
#include <stdint.h>

enum { ALBUM_MOST = 4096 };

struct album_entry {
	char *path;       /* as given, or DIR/NAME */
	const char *name; /* the last component of path */
};

/* All-zero is an empty one. */
struct album {
	struct album_entry *entries;
	size_t count;
};

/*
 * Adds a file, or the pictures of a directory (by their extension, without those of its
 * subdirectories) in the order of their names. 0, or -errno with a message on stderr: -EEXIST: a
 * name that is there already, since thumbnails are named after their pictures · -E2BIG: more than
 * ALBUM_MOST · -ENOENT and so on.
 */
int album_add(struct album *album, const char *path);
void album_free(struct album *album);

/*
 * Reads a regular file of at most `most` bytes; free() *data_out. 0 or -errno: -EFBIG: it is
 * larger · -EINVAL: no regular file.
 */
int album_read(const char *path, size_t most, uint8_t **data_out, size_t *size_out);

#endif
