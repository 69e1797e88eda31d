/* letter: see letter.h. Names begin with the time, so that their order is their age. */
#include "letter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answer.h"
#include "bodies.h"
#include "escape.h"
#include "head.h"
#include "loop.h"
#include "place.h"
#include "supervisor.h"

enum { NAME_MOST = 128, FACTS_MOST = 4096, PIECE = 2 << 10 };

static const char suffix[] = ".call";

static bool is_letter(const char *name)
{
	size_t length = strlen(name);

	return name[0] != '.' && length > strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0;
}

/* Opens it for reading names and making files; it is made where it is missing. -errno with a sentence. */
static int open_directory(const char *path, char problem[PLACE_PROBLEM])
{
	int place;
	int fd;
	int rc;

	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		snprintf(problem, PLACE_PROBLEM, "mkdir: %s", strerror(errno));
		return -errno;
	}
	rc = place_open(path, geteuid(), &place, problem);
	if (rc < 0)
		return rc;
	fd = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 ? -errno : fd;
	if (fd < 0)
		snprintf(problem, PLACE_PROBLEM, "%s", strerror(errno));
	close(place);
	return rc;
}

static int is_counted(const struct dirent *e)
{
	return is_letter(e->d_name);
}

static uint64_t size_of(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static void say_removed(struct supervisor *s, const struct worker_spec *spec, unsigned removed)
{
	s->letters_removed += removed;
	if (removed > 0)
		log_say_limited(&s->log, LOG_LETTERS,
				"%s is full of dead letters (at most %d, dead_letter_bytes = %llu): the oldest %s "
				"removed, %llu so far", spec->dead_letter, LETTERS_MOST,
				(unsigned long long)spec->dead_letter_bytes.bytes, removed == 1 ? "is" : "are",
				(unsigned long long)s->letters_removed);
}

/* For one of so many bytes. The newest tell most: what is too much goes from the other end. */
static void make_room(struct supervisor *s, int dir, const struct worker_spec *spec, uint64_t bytes)
{
	struct dirent **names;
	int count = scandirat(dir, ".", &names, is_counted, alphasort);
	unsigned left = count > 0 ? (unsigned)count : 0;
	unsigned removed = 0;

	for (int i = 0; i < count; i++)
		bytes += size_of(dir, names[i]->d_name);
	for (int i = 0; i < count; i++) {
		uint64_t size = size_of(dir, names[i]->d_name);

		if ((left >= LETTERS_MOST || bytes > spec->dead_letter_bytes.bytes) &&
		    unlinkat(dir, names[i]->d_name, 0) == 0) {
			bytes -= size < bytes ? size : bytes;
			left--;
			removed++;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	say_removed(s, spec, removed);
}

static size_t write_facts(struct supervisor *s, const struct action *a, const struct request *r, char *out)
{
	const struct worker *w = &s->fleet.workers[a->worker];
	const struct frame *f = &r->message->frame;
	struct frame whole = *f;
	struct head_entry method = {.value = "", .value_size = 0};
	char name[64];
	char when[40];
	char text[ANSWER_TEXT];
	char shown[1024];
	int n;

	whole.body_size = bodies_size(f);
	(void)head_find(f->head, f->head_size, ":method", &method);
	escape_text(method.value, method.value_size, shown, sizeof(shown), NULL);
	answer_text(a->answer, &s->fleet, text, sizeof(text));
	log_time(loop_wall_ms(), when, sizeof(when));
	n = snprintf(out, FACTS_MOST,
		     "brood-dead-letter: 1\nworker: %s\ngeneration: %u\ntime: %s\nanswer: %s\nreason: %s\nattempt: %u\n"
		     "key: %016llx\nuid: %u\ngid: %u\npid: %u\nconnection: %llu\nmethod: %s\nmethod-number: %u\n"
		     "frame: %zu\nbody: %u\n\n",
		     trace_name(w->spec, w->instance, name, sizeof(name)), w->generation, when, text,
		     frame_reason_name(a->answer->reason), a->answer->attempt, (unsigned long long)a->answer->key,
		     r->peer.uid, r->peer.gid, r->peer.pid, (unsigned long long)r->peer.connection, shown, f->arg,
		     frame_size(&whole), whole.body_size);
	return n < FACTS_MOST ? (size_t)n : FACTS_MOST - 1;
}

static int write_all(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static int write_body(int fd, const struct frame *request)
{
	uint32_t size = bodies_size(request);
	uint8_t piece[PIECE];
	int rc = 0;

	if (!(request->flags & FLAG_MEMFD))
		return write_all(fd, request->body, size);
	for (uint32_t at = 0; rc == 0 && at < size; at += PIECE) {
		size_t n = size - at < PIECE ? size - at : PIECE;

		rc = bodies_read(request, at, piece, n) ? write_all(fd, piece, n) : -ENODATA;
	}
	return rc;
}

static int fill(struct supervisor *s, const struct action *a, const struct request *r, int fd)
{
	static const uint8_t zeros[8];
	const struct frame *request = &r->message->frame;
	struct frame f = *request;
	uint8_t prefix[FRAME_PREFIX_MOST];
	char facts[FACTS_MOST];
	int rc = write_all(fd, facts, write_facts(s, a, r, facts));

	f.type = FRAME_CALL;
	f.flags &= (uint8_t)~FLAG_MEMFD;
	f.body_size = bodies_size(request);
	f.nfds = 0;
	if (rc == 0)
		rc = write_all(fd, prefix, frame_prefix(prefix, &f));
	if (rc == 0)
		rc = write_all(fd, f.head, f.head_size);
	if (rc == 0)
		rc = write_all(fd, zeros, frame_padded(f.head_size) - f.head_size);
	return rc < 0 ? rc : write_body(fd, request);
}

void letter_write(struct supervisor *s, const struct action *a)
{
	const struct worker_spec *spec = s->fleet.workers[a->worker].spec;
	char problem[PLACE_PROBLEM] = "";
	char name[NAME_MOST];
	uint64_t size;
	int dir = open_directory(spec->dead_letter, problem);
	int fd;
	int rc;

	if (dir < 0) {
		log_say_limited(&s->log, LOG_LETTERS, "%s: cannot write a dead letter to %s: %s", spec->name,
				spec->dead_letter, problem);
		return;
	}
	size = bodies_size(&request_at(&s->requests, a->body)->message->frame) + FACTS_MOST;
	if (size > spec->dead_letter_bytes.bytes) {
		log_say_limited(&s->log, LOG_LETTERS,
				"%s: no dead letter of %llu bytes is written, dead_letter_bytes = %llu", spec->name,
				(unsigned long long)size, (unsigned long long)spec->dead_letter_bytes.bytes);
		close(dir);
		return;
	}
	make_room(s, dir, spec, size);
	snprintf(name, sizeof(name), "%013lld-%06u-%s%s", (long long)loop_wall_ms(), ++s->letters % 1000000, spec->name,
		 suffix);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	rc = fd < 0 ? -errno : fill(s, a, request_at(&s->requests, a->body), fd);
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = -errno;
	if (rc < 0) {
		log_say_limited(&s->log, LOG_LETTERS, "%s: cannot write dead letter %s/%s: %s", spec->name,
				spec->dead_letter, name, strerror(-rc));
		if (fd >= 0)
			(void)unlinkat(dir, name, 0); /* half a letter is none */
	}
	close(dir);
}
