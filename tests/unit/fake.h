/*
 * fake: a world for configurations: files from memory, a few users and groups.
 *
 * Users: root 0, www-data 33, alice 1000, nobody 65534; "broken" and 5555 cannot be looked up, and
 * the groups of "lost" (1001) cannot. Groups: root 0, www-data 33, audio 44, shop 50, nogroup
 * 65534; "broken" likewise. Files and directories exist unless their path begins with /missing.
 */
#ifndef BROOD_FAKE_H
#define BROOD_FAKE_H

#include "config.h"
#include "writer.h"

struct fake_file {
	const char *path;
	const char *bytes;
	size_t size;         /* 0: the length of bytes */
	const char *problem; /* cannot be read, for this reason */
	unsigned same_as; /* the file has the identity of the one with this index - 1; 0: its own */
};

struct fake {
	const struct fake_file *files;
	size_t count;
	unsigned uid;
	bool is_plain_inih;
	size_t memory_most;
};

struct world fake_world(struct fake *fake);
/* Loads files[0]. */
struct config *fake_load(struct fake *fake, enum config_result *result_out);
/* Loads a configuration of one file, brood.ini, as root. */
struct config *fake_load_text(const char *text, size_t size, enum config_result *result_out);

/* What is printed, to be freed. */
char *fake_problems(const struct config *config);
char *fake_show(const struct config *config, const char *name, bool has_origins);
/* A writer into memory: the text so far is *text, to be freed. */
struct fake_text {
	char *text;
	size_t size;
};
struct writer fake_writer(struct fake_text *text);

#endif
