/*
 * script: lines of a file into steps, steps into events, and what came of them compared with what
 * was expected.
 *
 * A step is compared whole, nothing more and nothing less. Time passes only with steps: a tick that
 * the core wants before the next step, and that would not be silent, must have a step of its own.
 */
#include "script.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "words.h"

enum { FILE_MOST = 1 << 20, LINES_MOST = 4096 };

struct script {
	const char *path;
	char *text;
	char *lines[LINES_MOST];
	int count;
	int at; /* the next line */
	bool shows_actual;
	struct scene *scene;
};

/* "at TIME left | expected", and lines with expected alone. */
struct step {
	int line; /* from 1 */
	struct instant at;
	char left[SCENE_LINE];  /* behind the time */
	char whole[SCENE_LINE]; /* with "at" and time */
	const char *expected[SCENE_LINES];
	uint32_t expected_count;
};

static bool fail(const struct script *s, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", s->path, line, what);
	return false;
}

/* -------------------------------------------------------------- the file */

static bool read_file(struct script *s)
{
	FILE *f = fopen(s->path, "rb");
	size_t size;

	if (!f)
		return fail(s, 0, "cannot be opened");
	s->text = calloc(1, FILE_MOST + 1);
	size = s->text ? fread(s->text, 1, FILE_MOST, f) : 0;
	fclose(f);
	return size > 0 || fail(s, 0, "cannot be read");
}

/* "# 045: a sentence.", with the number that the file's name begins with. */
static bool has_title(const struct script *s)
{
	const char *slash = strrchr(s->path, '/');
	const char *name = slash ? slash + 1 : s->path;
	const char *text = s->text;

	return strlen(name) > 4 && isdigit((unsigned char)name[0]) && name[3] == '-' &&
	       strncmp(text, "# ", 2) == 0 && strncmp(text + 2, name, 3) == 0 &&
	       strncmp(text + 5, ": ", 2) == 0 && text[strcspn(text, "\n") - 1] == '.';
}

/* Cuts the steps into lines and opens the scene with what stands before them. */
static bool open_script(struct script *s)
{
	char *end;

	if (!read_file(s))
		return false;
	if (!has_title(s))
		return fail(s, 1, "the first line is not '# NUMBER OF THE FILE: a sentence.'");
	end = strstr(s->text, "\n---\n");
	if (!end)
		return fail(s, 1, "there is no line '---'");
	if (!scene_open(s->scene, s->text, (size_t)(end + 1 - s->text)))
		return fail(s, 1, s->scene->problem);
	for (char *at = s->text; *at && s->count < LINES_MOST;) {
		size_t length = strcspn(at, "\n");

		s->lines[s->count++] = at;
		if (at == end + 1)
			s->at = s->count;
		at += length;
		if (*at)
			*at++ = '\0';
	}
	for (int i = 0; s->shows_actual && i < s->at; i++)
		puts(s->lines[i]);
	return true;
}

/* ----------------------------------------------------------------- a step */

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	for (length = strlen(text); length > 0 && strchr(" \t", text[length - 1]); length--)
		text[length - 1] = '\0';
	return text;
}

static void expect(struct step *step, char *text)
{
	text = trim(text);
	if (*text && step->expected_count < SCENE_LINES)
		step->expected[step->expected_count++] = text;
}

static bool read_left(const struct script *s, struct step *step)
{
	char time[32];
	struct duration at;
	int used = 0;

	if (sscanf(step->whole, "at %31s %n", time, &used) != 1 || used == 0)
		return fail(s, step->line, "a step begins with 'at TIME'");
	if (!reader_parse_time(time, &at))
		return fail(s, step->line, "that is not a time");
	if (at.ms < step->at.ms)
		return fail(s, step->line, "time does not go back");
	step->at.ms = at.ms;
	snprintf(step->left, sizeof(step->left), "%s", step->whole + used);
	return true;
}

/* Is this line empty or a comment? Then it is only passed on. */
static bool is_remark(const char *line)
{
	line += strspn(line, " \t");
	return *line == '\0' || *line == '#';
}

/* The next step; false with step->line 0: there is none. */
static bool read_step(struct script *s, struct step *step)
{
	char *bar;

	step->line = 0;
	step->expected_count = 0;
	for (; s->at < s->count && is_remark(s->lines[s->at]); s->at++) {
		if (s->shows_actual)
			puts(s->lines[s->at]);
	}
	if (s->at == s->count)
		return false;
	step->line = s->at + 1;
	bar = strchr(s->lines[s->at], '|');
	if (bar) {
		*bar = '\0';
		expect(step, bar + 1);
	}
	snprintf(step->whole, sizeof(step->whole), "%s", trim(s->lines[s->at++]));
	for (; s->at < s->count; s->at++) {
		char *line = trim(s->lines[s->at]);

		if (*line != '|')
			break;
		expect(step, line + 1);
	}
	return read_left(s, step);
}

/* ---------------------------------------------------------------- playing */

static void print_actual(const struct script *s, const char *left)
{
	const struct scene *scene = s->scene;

	if (scene->line_count == 0)
		puts(left);
	for (uint32_t i = 0; i < scene->line_count; i++)
		printf("%-36s | %s\n", i == 0 ? left : "", scene->lines[i]);
}

static bool is_as_expected(const struct scene *scene, const struct step *step)
{
	if (scene->line_count != step->expected_count)
		return false;
	for (uint32_t i = 0; i < scene->line_count; i++) {
		if (strcmp(scene->lines[i], step->expected[i]) != 0)
			return false;
	}
	return true;
}

/* Marks with > what the other side does not have in this place. */
static void print_side(const char *title, const char *const *lines, uint32_t count,
		       const char *const *others, uint32_t other_count)
{
	fprintf(stderr, "  %s\n", title);
	for (uint32_t i = 0; i < count; i++)
		fprintf(stderr, "  %c   %s\n",
			i < other_count && strcmp(lines[i], others[i]) == 0 ? ' ' : '>', lines[i]);
	if (count == 0)
		fprintf(stderr, "      (nothing)\n");
}

static bool compare(const struct script *s, const struct step *step)
{
	const struct scene *scene = s->scene;
	const char *actual[SCENE_LINES];

	if (s->shows_actual) {
		print_actual(s, step->whole);
		return true;
	}
	if (is_as_expected(scene, step))
		return true;
	for (uint32_t i = 0; i < scene->line_count; i++)
		actual[i] = scene->lines[i];
	fprintf(stderr, "%s:%d: %s\n", s->path, step->line, step->whole);
	print_side("expected:", step->expected, step->expected_count, actual, scene->line_count);
	print_side("actual:", actual, scene->line_count, step->expected, step->expected_count);
	fprintf(stderr, "  the story: %s\n", s->lines[0] + 2);
	return false;
}

/* Deadlines before this step: those that make no line pass by themselves. */
static bool pass_time(struct script *s, const struct step *step)
{
	struct scene *scene = s->scene;

	for (;;) {
		struct instant next = fleet_next(&scene->fleet);
		char what[SCENE_LINE + 80];

		if (!instant_is_before(next, step->at))
			return true;
		scene_step(scene, &(struct event){.kind = FLEET_TICK, .now = next});
		if (scene->line_count == 0)
			continue;
		snprintf(what, sizeof(what), "missed a deadline: at %" PRId64 "ms tick | %s",
			 next.ms, scene->lines[0]);
		if (!s->shows_actual)
			return fail(s, step->line, what);
		snprintf(what, sizeof(what), "at %" PRId64 "ms tick", next.ms);
		print_actual(s, what);
	}
}

static bool play_step(struct script *s, struct step *step)
{
	struct scene *scene = s->scene;
	struct event e = {.now = step->at};
	char problem[READER_PROBLEM];

	if (!pass_time(s, step))
		return false;
	scene->line_count = 0;
	switch (words_read(scene, step->left, &e, problem)) {
	case WORDS_WRONG:
		return fail(s, step->line, problem);
	case WORDS_COUNTERS:
		lines_of_counters(scene, &scene->fleet.pools[e.pool]);
		break;
	case WORDS_EVENT:
		scene_step(scene, &e);
		break;
	}
	if (scene->problem[0])
		return fail(s, step->line, scene->problem);
	return compare(s, step);
}

static bool play(struct script *s, struct step *step)
{
	if (!open_script(s))
		return false;
	while (read_step(s, step)) {
		if (!play_step(s, step))
			return false;
	}
	if (step->line != 0)
		return false;
	return scene_balances(s->scene) || fail(s, s->count, s->scene->problem);
}

bool script_play(const char *path, bool shows_actual)
{
	struct script *s = calloc(1, sizeof(*s));
	struct step *step = calloc(1, sizeof(*step));
	bool is_true = false;

	if (s)
		*s = (struct script){
			.path = path,
			.shows_actual = shows_actual,
			.scene = calloc(1, sizeof(*s->scene)),
		};
	if (s && step && s->scene) {
		is_true = play(s, step);
		scene_close(s->scene);
	}
	if (s) {
		free(s->text);
		free(s->scene);
	}
	free(s);
	free(step);
	return is_true;
}
