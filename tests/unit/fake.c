/* fake: a world in memory. */
#include "fake.h"

#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct user {
	const char *name;
	unsigned id;
} users[] = {{"root", 0}, {"www-data", 33}, {"alice", 1000}, {"lost", 1001}, {"nobody", 65534}},
  groups[] = {{"root", 0}, {"www-data", 33}, {"audio", 44}, {"shop", 50}, {"nogroup", 65534}};

enum { USERS = sizeof(users) / sizeof(users[0]), GROUPS = sizeof(groups) / sizeof(groups[0]) };

static int read_file(void *context, const char *path, size_t most, struct world_file *file_out,
		     char problem[WORLD_PROBLEM])
{
	const struct fake *fake = context;

	for (size_t i = 0; i < fake->count; i++) {
		const struct fake_file *f = &fake->files[i];
		const size_t size = f->size > 0 || !f->bytes ? f->size : strlen(f->bytes);

		if (strcmp(f->path, path) != 0)
			continue;
		if (f->problem || size > most) {
			snprintf(problem, WORLD_PROBLEM, "%s",
				 f->problem ? f->problem : "too large");
			return -EPERM;
		}
		*file_out = (struct world_file){.bytes = malloc(size + 1),
						.size = size,
						.identity = {7, f->same_as ? f->same_as - 1 : i}};
		if (!file_out->bytes)
			return -ENOMEM;
		if (size > 0)
			memcpy(file_out->bytes, f->bytes, size);
		return 0;
	}
	snprintf(problem, WORLD_PROBLEM, "No such file or directory");
	return -ENOENT;
}

/* All names that lie in the directory, in the order of the table. */
static int list_directory(void *context, const char *path, bool (*take)(void *to, const char *name),
			  void *to, char problem[WORLD_PROBLEM])
{
	const struct fake *fake = context;
	const size_t size = strcmp(path, ".") == 0 ? 0 : strlen(path);

	if (strcmp(path, "locked/") == 0) {
		snprintf(problem, WORLD_PROBLEM, "Permission denied");
		return -EACCES;
	}
	if (strcmp(path, "nowhere/") == 0)
		return -ENOENT;
	for (size_t i = 0; i < fake->count; i++) {
		const char *file = fake->files[i].path;

		if (strncmp(file, path, size) == 0 && !strchr(file + size, '/') &&
		    !take(to, file + size))
			return 0;
	}
	return 0;
}

static int find_id(const struct user *table, size_t count, const char *name, unsigned id,
		   size_t *at)
{
	if (name ? strcmp(name, "broken") == 0 : id == 5555)
		return -EIO;
	for (*at = 0; *at < count; ++*at) {
		if (name ? strcmp(table[*at].name, name) == 0 : table[*at].id == id)
			return 0;
	}
	return -ENOENT;
}

static int find_user(void *context, const char *name, unsigned uid, struct world_user *user_out)
{
	size_t at;
	int rc = find_id(users, USERS, name, uid, &at);

	(void)context;
	if (rc < 0)
		return rc;
	user_out->uid = user_out->gid = users[at].id;
	user_out->name = users[at].name;
	user_out->home = "/home";
	user_out->shell = "/bin/sh";
	return 0;
}

static int find_group(void *context, const char *name, unsigned gid, struct world_group *group_out)
{
	size_t at;
	int rc = find_id(groups, GROUPS, name, gid, &at);

	(void)context;
	if (rc < 0)
		return rc;
	group_out->gid = groups[at].id;
	snprintf(group_out->name, sizeof(group_out->name), "%s", groups[at].name);
	return 0;
}

static int user_groups(void *context, const char *name, unsigned gid, unsigned **gids_out,
		       size_t *count_out)
{
	(void)context;
	if (strcmp(name, "lost") == 0)
		return -EIO;
	*gids_out = malloc(2 * sizeof(**gids_out));
	if (!*gids_out)
		return -ENOMEM;
	(*gids_out)[0] = gid;
	(*gids_out)[1] = 44;
	*count_out = 2;
	return 0;
}

static bool exists(void *context, const char *path, bool is_directory)
{
	(void)context;
	(void)is_directory;
	return strncmp(path, "/missing", 8) != 0 && strcmp(path, "missing") != 0;
}

static bool is_executable(void *context, const char *path)
{
	(void)context;
	return !strstr(path, "/missing") && !strstr(path, "/plain");
}

static bool is_shared(void *context, const char *path)
{
	(void)context;
	return strcmp(path, "/shared") == 0;
}

struct world fake_world(struct fake *fake)
{
	return (struct world){
		.context = fake,
		.uid = fake->uid,
		.read_file = read_file,
		.list_directory = list_directory,
		.find_user = find_user,
		.find_group = find_group,
		.user_groups = user_groups,
		.exists = exists,
		.is_executable = is_executable,
		.is_shared = is_shared,
		.cpus = 6,
		.path = "/usr/bin:/bin",
	};
}

struct config *fake_load(struct fake *fake, enum config_result *result_out)
{
	const struct world world = fake_world(fake);
	const struct config_options options = {.memory_most = fake->memory_most,
					       .is_plain_inih = fake->is_plain_inih};
	struct config *config;

	*result_out = config_load(fake->files[0].path, &world, &options, &config);
	return config;
}

struct config *fake_load_text(const char *text, size_t size, enum config_result *result_out)
{
	const struct fake_file file = {
		.path = "brood.ini", .bytes = size > 0 ? text : NULL, .size = size};
	struct fake fake = {.files = &file, .count = 1};

	return fake_load(&fake, result_out);
}

static void put(void *context, const char *bytes, size_t size)
{
	struct fake_text *text = context;
	char *longer = realloc(text->text, text->size + size + 1);

	if (!longer)
		abort();
	memcpy(longer + text->size, bytes, size);
	text->text = longer;
	text->size += size;
	text->text[text->size] = '\0';
}

struct writer fake_writer(struct fake_text *text)
{
	*text = (struct fake_text){.text = calloc(1, 1)};
	return (struct writer){put, text};
}

char *fake_problems(const struct config *config)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);

	problem_print(&config->problems, &w);
	return text.text;
}

char *fake_show(const struct config *config, const char *name, bool has_origins)
{
	struct fake_text text;
	const struct writer w = fake_writer(&text);

	(void)show_config(config, name, has_origins, &w);
	return text.text;
}
