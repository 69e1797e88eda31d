/*
 * include: a queue instead of recursion, so depth costs nothing but is limited all the same.
 *
 * A file is known by what the system says it is (device and inode), so another spelling of its name
 * does not hide a circle. Does not look into files.
 */
#include "include.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"
#include "text.h"

/* The names in a directory that match one pattern, kept in order. */
struct matches {
	const char *pattern;
	const char *directory;
	struct arena *arena;
	size_t count;
	bool is_over;
	bool is_odd; /* a name holds what no message may show */
	const char *names[INCLUDE_FILES_MOST];
};

bool include_open(struct include_queue *queue, struct arena *arena, struct problem_list *problems,
		  const struct world *world, const char *path)
{
	struct include_file *file = arena_take(arena, sizeof(*file));

	*queue = (struct include_queue){
		.arena = arena, .problems = problems, .world = world, .first = file, .count = 1};
	if (!file)
		return false;
	file->path = arena_text(arena, path);
	file->asked = (struct place){.file = file->path};
	return file->path != NULL;
}

/* What is said of a file at the place where it is asked for. */
static void complain(struct include_queue *queue, const struct include_file *file,
		     const char *problem)
{
	if (!file->parent)
		problem_add(queue->problems, PROBLEM_ERROR, file->asked, "cannot read the file: %s",
			    problem);
	else
		problem_add(queue->problems, PROBLEM_ERROR, file->asked,
			    "[brood] include: cannot read %s: %s", file->path, problem);
}

static bool is_same(const struct include_file *a, const uint64_t identity[2])
{
	return a->is_read && a->identity[0] == identity[0] && a->identity[1] == identity[1];
}

/* Is it being read already, further up, or was it read elsewhere? Tells so. */
static bool is_repeated(struct include_queue *queue, const struct include_file *file,
			const uint64_t identity[2])
{
	for (const struct include_file *f = file->parent; f; f = f->parent) {
		if (!is_same(f, identity))
			continue;
		problem_add(queue->problems, PROBLEM_ERROR, file->asked,
			    "[brood] include: %s includes itself%s", f->path,
			    f == file->parent ? "" : " by way of other files");
		return true;
	}
	for (const struct include_file *f = queue->first; f; f = f->next) {
		if (!is_same(f, identity))
			continue;
		problem_add(queue->problems, PROBLEM_ERROR, file->asked,
			    "[brood] include: %s is included twice, first at %s:%u", file->path,
			    f->asked.file, f->asked.line);
		return true;
	}
	return false;
}

bool include_read(struct include_queue *queue, struct include_file *file,
		  struct world_file *bytes_out)
{
	char problem[WORLD_PROBLEM] = "";
	int rc = queue->world->read_file(queue->world->context, file->path, SOURCE_BYTES_MOST,
					 bytes_out, problem);

	if (rc < 0) {
		complain(queue, file, problem);
		return false;
	}
	if (is_repeated(queue, file, bytes_out->identity)) {
		free(bytes_out->bytes);
		return false;
	}
	assert(bytes_out->size <= SOURCE_BYTES_MOST);
	queue->bytes += bytes_out->size;
	if (queue->bytes > INCLUDE_BYTES_MOST) {
		if (!queue->is_over)
			problem_add(queue->problems, PROBLEM_ERROR, file->asked,
				    "[brood] include: all files together are more than %d bytes",
				    INCLUDE_BYTES_MOST);
		queue->is_over = true;
		free(bytes_out->bytes);
		return false;
	}
	memcpy(file->identity, bytes_out->identity, sizeof(file->identity));
	file->is_read = true;
	return true;
}

bool include_matches(const char *pattern, const char *name)
{
	const char *star = NULL; /* the last one, and how much of the name it has taken */
	const char *taken = NULL;

	if (name[0] == '.' && pattern[0] != '.')
		return false;
	while (*name != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			taken = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++taken;
		} else {
			return false;
		}
	}
	pattern += strspn(pattern, "*");
	return *pattern == '\0';
}

/* Takes one name of the directory, into its place. */
static bool take_name(void *context, const char *name)
{
	struct matches *m = context;
	size_t column;
	unsigned byte;
	size_t at = m->count;
	const char *copy;

	if (!include_matches(m->pattern, name))
		return true;
	m->is_odd = text_check(name, strlen(name), &column, &byte) != TEXT_FINE;
	m->is_over = m->count == INCLUDE_FILES_MOST;
	copy = m->is_odd || m->is_over ? NULL : arena_text(m->arena, name);
	if (!copy)
		return false;
	for (; at > 0 && strcmp(copy, m->names[at - 1]) < 0; at--)
		m->names[at] = m->names[at - 1];
	m->names[at] = copy;
	m->count++;
	return true;
}

/* "dir/" of "dir/name": with its slash, or nothing. */
static size_t directory_size(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

static const char *join(struct arena *arena, const char *directory, size_t size, const char *name)
{
	char *path = arena_take(arena, size + strlen(name) + 1);

	if (path) {
		memcpy(path, directory, size);
		memcpy(path + size, name, strlen(name));
	}
	return path;
}

/* Puts a file behind `*last`, which it becomes. */
static void insert(struct include_queue *queue, struct include_file *parent,
		   struct include_file **last, const char *path, struct place place)
{
	struct include_file *file = path ? arena_take(queue->arena, sizeof(*file)) : NULL;

	if (!file)
		return; /* the arena is exhausted, and says so in the end */
	if (queue->count == INCLUDE_FILES_MOST) {
		if (!queue->is_over)
			problem_add(queue->problems, PROBLEM_ERROR, place,
				    "[brood] include: more than %d files", INCLUDE_FILES_MOST);
		queue->is_over = true;
		return;
	}
	*file = (struct include_file){
		.path = path, .asked = place, .parent = parent, .depth = parent->depth + 1};
	file->next = (*last)->next;
	(*last)->next = file;
	*last = file;
	queue->count++;
}

/* Lists the directory of a pattern; false with a problem reported. */
static bool find_matches(struct include_queue *queue, struct matches *m, struct place place)
{
	const char *directory = m->directory[0] != '\0' ? m->directory : ".";
	char problem[WORLD_PROBLEM] = "";
	int rc = queue->world->list_directory(queue->world->context, directory, take_name, m,
					      problem);

	if (rc == -ENOENT) {
		problem_add(queue->problems, PROBLEM_WARNING, place,
			    "[brood] include: directory %s does not exist", directory);
		return false;
	}
	if (rc < 0) {
		problem_add(queue->problems, PROBLEM_ERROR, place,
			    "[brood] include: cannot list directory %s: %s", directory, problem);
		return false;
	}
	if (m->is_odd) {
		problem_add(queue->problems, PROBLEM_ERROR, place,
			    "[brood] include: in directory %s the name of a file holds control "
			    "characters "
			    "or is not UTF-8",
			    directory);
		return false;
	}
	if (m->is_over)
		problem_add(queue->problems, PROBLEM_ERROR, place,
			    "[brood] include: more than %d files", INCLUDE_FILES_MOST);
	return !m->is_over;
}

static void add_matches(struct include_queue *queue, struct include_file *file,
			struct include_file **last, const char *path, struct place place)
{
	const size_t size = directory_size(path);
	struct matches m = {.pattern = path + size, .arena = queue->arena};

	m.directory = arena_copy(queue->arena, path, size);
	if (!m.directory || !find_matches(queue, &m, place))
		return;
	for (size_t i = 0; i < m.count; i++)
		insert(queue, file, last, join(queue->arena, path, size, m.names[i]), place);
}

void include_add(struct include_queue *queue, struct include_file *file,
		 const struct include_list *list, struct place place)
{
	struct include_file *last = file;

	if (file->depth >= INCLUDE_DEPTH_MOST) {
		problem_add(queue->problems, PROBLEM_ERROR, place,
			    "[brood] include: files are nested more than %d deep",
			    INCLUDE_DEPTH_MOST);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const char *pattern = list->patterns[i];
		const size_t size = pattern[0] == '/' ? 0 : directory_size(file->path);
		const char *path = join(queue->arena, file->path, size, pattern);

		if (path && strpbrk(pattern, "*?"))
			add_matches(queue, file, &last, path, place);
		else
			insert(queue, file, &last, path, place);
	}
}
