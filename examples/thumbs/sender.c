/*
 * sender: many calls are in flight at once, in a loop of this program's own around brood_process().
 *
 * A thumbnail is idempotent, so what did not succeed for a reason that is not the picture's own is
 * sent again: after a crash of its worker a few times (a worker may have been killed, but a picture
 * that kills each worker it meets is given up), and for a while where no worker could take it or
 * the connection was lost.
 */
#include "sender.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PATIENCE_MS = 30000, /* send again for so long what no worker could take */
	PAUSE_MS = 100,      /* before a picture is sent again */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Names and texts may hold anything: nothing of it may steer a terminal. */
static void defuse(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		/* 0xc2: the first byte of the control characters beyond ASCII, in UTF-8 */
		if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] < 0xa0))
			*text = '?';
	}
}

static void note(const struct job *job, const char *format, ...) BROOD_LIKE_PRINTF(2, 3);
static void note(const struct job *job, const char *format, ...)
{
	char text[1024];
	size_t used;
	va_list args;

	snprintf(text, sizeof(text), "%.255s: ", job->file->name);
	used = strlen(text);
	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	defuse(text);
	fprintf(stderr, "%s\n", text);
}

/* ---------------------------------------------------------------- what becomes of a picture */

static void end(struct job *job, enum state state, const char *format, ...) BROOD_LIKE_PRINTF(3, 4);
static void end(struct job *job, enum state state, const char *format, ...)
{
	size_t used = 0;
	va_list args;

	if (state == FAILED && job->rounds_done > 0) {
		snprintf(job->outcome, sizeof(job->outcome), "after %u times: ", job->rounds_done);
		used = strlen(job->outcome);
	}
	va_start(args, format);
	vsnprintf(job->outcome + used, sizeof(job->outcome) - used, format, args);
	va_end(args);
	defuse(job->outcome);
	job->state = state;
	job->sender->unfinished--;
}

static void send_again(struct job *job)
{
	job->state = WAITS;
	job->not_before = now_ms() + PAUSE_MS;
}

/* No worker took it, or none is known to have. */
static void refused(struct job *job, const char *why)
{
	int64_t now = now_ms();

	if (job->refused_at == 0)
		job->refused_at = now;
	if (now - job->refused_at >= PATIENCE_MS)
		end(job, FAILED, "not taken within %d seconds: %s", PATIENCE_MS / 1000, why);
	else
		send_again(job);
}

static void crashed(struct job *job, const char *why)
{
	unsigned most = job->sender->crashes_most;

	job->crashes++;
	job->sender->crashes++;
	note(job, "a worker crashed while it had this picture (%u of %u): %s", job->crashes, most,
	     why);
	if (job->crashes >= most)
		end(job, FAILED, "given up: each of %u workers that had it crashed: %s", most, why);
	else
		send_again(job);
}

/* A value as text, cut at 11 bytes; "?" if it is missing. */
struct value {
	char text[12];
};

static struct value value_of(const struct brood_answer *answer, const char *key)
{
	size_t size;
	const char *text = brood_answer_find(answer, key, &size);
	struct value value = {"?"};

	if (text)
		snprintf(value.text, sizeof(value.text), "%.*s", size < sizeof(value.text) ? (int)size : 11, text);
	return value;
}

/* A thumbnail has come. */
static void keep(struct job *job, const struct brood_answer *answer)
{
	const struct outdir *dir = &job->sender->outdir;
	size_t size = 0;
	const char *type = brood_answer_find(answer, "type", &size);
	char name[OUTDIR_NAME];
	int rc = outdir_name(name, job->file->name, type, size);

	if (rc == 0)
		rc = outdir_write(dir, name, answer->body, answer->body_size);
	if (rc < 0) {
		end(job, FAILED, "cannot write its thumbnail: %s",
		    rc == -EINVAL ? "the answer is neither image/jpeg nor image/png"
				  : strerror(-rc));
		return;
	}
	job->rounds_done++;
	if (--job->rounds > 0) {
		job->state = WAITS;
		job->tried = false;
		job->crashes = 0;
		job->refused_at = 0;
		return;
	}
	end(job, DONE, "%sx%s -> %sx%s, %zu bytes: %s", value_of(answer, "original-width").text,
	    value_of(answer, "original-height").text, value_of(answer, "width").text,
	    value_of(answer, "height").text, answer->body_size, name);
}

/* Called by brood_process() once for each call, also when the connection is lost. */
static void take_answer(uint32_t id, const struct brood_answer *answer, void *user)
{
	struct job *job = user;

	(void)id;
	job->sender->in_flight--;
	if (answer->code == BROOD_OK)
		keep(job, answer);
	else if (answer->reason == BROOD_REASON_WORKER_CRASHED)
		crashed(job, answer->text);
	else if (answer->not_processed || answer->code == BROOD_UNAVAILABLE)
		refused(job, answer->text);
	else
		end(job, FAILED, "%s: %s",
		    answer->reason ? brood_reason_name(answer->reason)
				   : brood_code_name(answer->code),
		    answer->text);
}

/* ---------------------------------------------------------------- sending */

/* Is this a failure of the one call, and not of the connection? */
static bool is_own_failure(int rc)
{
	return rc == -EMSGSIZE || rc == -EINVAL || rc == -ENOMEM;
}

/* 0, also if this picture cannot be sent; below, if there is no connection and none can be made. */
static int send_one(struct sender *s, struct job *job)
{
	const struct brood_call_options options = {
		.idempotent = 1, .meta = s->box, .meta_count = s->box[0].key ? 2 : 0};
	uint8_t *data;
	size_t size;
	int rc = album_read(job->file->path, brood_max_message(s->client), &data, &size);

	if (rc < 0) {
		end(job, FAILED, "cannot read it: %s",
		    rc == -EINVAL ? "not a regular file" : strerror(-rc));
		return 0;
	}
	rc = brood_call_start(s->client, "thumbnail", data, size, &options, take_answer, job, NULL);
	free(data);
	if (rc == 0) {
		s->lost = false;
		s->in_flight++;
		s->calls++;
		s->repeated += job->tried;
		job->tried = true;
		job->state = IN_THE_AIR;
		return 0;
	}
	if (rc == -EAGAIN)
		refused(job, brood_error());
	else if (is_own_failure(rc))
		end(job, FAILED, "%s", brood_error());
	else
		return rc;
	return 0;
}

/* Sends what may be sent now. *next_out: when the next may be, ms from now; -1: after an answer. */
static int send_due(struct sender *s, int *next_out)
{
	int64_t now = now_ms();
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < s->count && s->in_flight < s->in_flight_most; i++) {
		struct job *job = &s->jobs[i];

		if (job->state == WAITS && job->not_before <= now) {
			int rc = send_one(s, job);

			if (rc < 0)
				return rc;
		}
		if (job->state == WAITS && job->not_before < next)
			next = job->not_before;
	}
	now = now_ms();
	*next_out = next == INT64_MAX ? -1 : next > now ? (int)(next - now) : 0;
	return 0;
}

static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Waits for answers, at most `timeout` ms (-1: none), and takes them. */
static int receive(struct sender *s, int timeout)
{
	struct pollfd p = {.fd = -1};

	if (!s->lost) {
		p = (struct pollfd){.fd = brood_fd(s->client), .events = brood_events(s->client)};
		if (p.fd < 0)
			return p.fd;
		timeout = sooner(timeout, brood_timeout(s->client));
	}
	(void)poll(&p, 1, timeout); /* whatever it says, brood_process() sees what there is */
	if (!s->lost && brood_process(s->client) < 0) {
		/* every open call has been answered by now, with nothing: each is sent again */
		fprintf(stderr, "thumbs-send: %s\n", brood_error());
		s->lost = true;
	}
	return 0;
}

void sender_run(struct sender *s)
{
	char why[256];
	int rc = 0;

	while (rc == 0 && s->unfinished > 0) {
		int next = -1;

		rc = send_due(s, &next);
		if (rc == 0 && s->unfinished > 0)
			rc = receive(s, next);
	}
	snprintf(why, sizeof(why), "%s", brood_error());
	brood_close(s->client); /* open calls end here, if there are any: they wait again */
	for (size_t i = 0; i < s->count; i++) {
		if (s->jobs[i].state == WAITS)
			end(&s->jobs[i], FAILED, "%s", why);
	}
}

/* ---------------------------------------------------------------- the beginning and the end */

int sender_load(struct sender *s, const struct album *album, unsigned rounds)
{
	s->jobs = calloc(album->count, sizeof(*s->jobs));
	if (!s->jobs)
		return -ENOMEM;
	for (size_t i = 0; i < album->count; i++)
		s->jobs[i] = (struct job){
			.sender = s, .file = &album->entries[i], .rounds = rounds, .outcome = ""};
	s->count = s->unfinished = album->count;
	return 0;
}

int sender_report(const struct sender *s, unsigned rounds)
{
	size_t done = 0;
	int width = 0;

	for (size_t i = 0; i < s->count; i++) {
		int length = (int)strlen(s->jobs[i].file->name);

		width = length > width && length <= 40 ? length : width;
		done += s->jobs[i].state == DONE;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct job *job = &s->jobs[i];
		char name[OUTDIR_NAME];

		snprintf(name, sizeof(name), "%s", job->file->name);
		defuse(name);
		printf("%-*s  %s%s\n", width, name,
		       job->state == DONE ? "" : "FAILED: ", job->outcome);
	}
	if (s->repeated > 0 || rounds > 1)
		printf("%lu calls, %lu of them again; %lu ended with the crash of a worker\n",
		       s->calls, s->repeated, s->crashes);
	printf("%zu picture%s", s->count, s->count == 1 ? "" : "s");
	if (rounds > 1)
		printf(", each %u times", rounds);
	printf(": %zu thumbnail%s in %s, %zu failed\n", done, done == 1 ? "" : "s", s->outdir.path,
	       s->count - done);
	if (fflush(stdout) != 0)
		return EXIT_FAILURE;
	return done == s->count ? EXIT_SUCCESS : 3;
}
