/*
 * thumbs-send: sends pictures to an endpoint of thumbs workers and keeps the thumbnails.
 *
 * Exit status: 0 all pictures have thumbnails, 3 some have not, 1 nothing could be done, 2 usage.
 */
#include <brood.h>

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "album.h"
#include "outdir.h"
#include "sender.h"

enum {
	CONNECT_MS = 2000, /* wait so long for an endpoint that is not there (yet, or again) */
	IN_FLIGHT = 32,    /* pictures at once, unless --in-flight says otherwise */
	CRASHES = 3, /* crashes of its worker until a picture is given up, unless --crashes does */
	NUMBER_MOST = 1000000,
};

/* A thumbnail must never take the place of a picture. */
static int check_outdir(const struct outdir *dir, const struct album *album)
{
	for (size_t i = 0; i < album->count; i++) {
		const char *path = album->entries[i].path;
		int rc = outdir_holds(dir, path);

		if (rc < 0)
			fprintf(stderr, "thumbs-send: cannot send %s: %s\n", path, strerror(-rc));
		else if (rc > 0)
			fprintf(stderr,
				"thumbs-send: cannot write to %s: %s lies in it; give another "
				"directory for the thumbnails\n",
				dir->path, path);
		if (rc != 0)
			return -EINVAL;
	}
	return 0;
}

static int fail(const char *verb, const char *object, int rc)
{
	fprintf(stderr, "thumbs-send: cannot %s %s: %s\n", verb, object, strerror(-rc));
	return EXIT_FAILURE;
}

static int send_album(struct sender *s, const struct album *album, const char *address,
		      unsigned rounds)
{
	const struct brood_client_options options = {.retry = CONNECT_MS};
	int rc;

	if (check_outdir(&s->outdir, album) < 0)
		return 2;
	rc = sender_load(s, album, rounds);
	if (rc < 0)
		return fail("send", "the pictures", rc);
	if (brood_connect(&s->client, address, &options) < 0) {
		fprintf(stderr, "thumbs-send: %s\n", brood_error());
		return EXIT_FAILURE;
	}
	sender_run(s);
	return sender_report(s, rounds);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: thumbs-send [OPTION...] SOCKET OUTDIR FILE-OR-DIR...\n"
		"  SOCKET           of the endpoint: unix:PATH\n"
		"  OUTDIR           gets PICTURE.thumb.jpg or .png; made if missing\n"
		"  --size PIXELS    box for the thumbnails; default: the worker's\n"
		"  --repeat N       send each picture N times; default 1\n"
		"  --in-flight N    pictures on their way at once; default %d\n"
		"  --crashes N      workers that a picture may cost until it is given up; default "
		"%d\n"
		"exit status: 0 all have thumbnails, 3 some have not, 1 nothing was done, 2 "
		"usage\n",
		IN_FLIGHT, CRASHES);
	return 2;
}

/* 1 to NUMBER_MOST; 0 if it is no such number. */
static unsigned read_number(const char *text)
{
	char *end_of_number;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoul(text, &end_of_number, 10);
	return errno || *end_of_number || value > NUMBER_MOST ? 0 : (unsigned)value;
}

static bool read_options(int argc, char **argv, struct sender *s, unsigned *rounds)
{
	static const struct option options[] = {
		{"size", required_argument, NULL, 's'},
		{"repeat", required_argument, NULL, 'r'},
		{"in-flight", required_argument, NULL, 'f'},
		{"crashes", required_argument, NULL, 'c'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		unsigned number = option == '?' ? 0 : read_number(optarg);

		if (number == 0)
			return false;
		if (option == 's') {
			s->box[0] = (struct brood_meta){"width", 5, optarg, strlen(optarg)};
			s->box[1] = (struct brood_meta){"height", 6, optarg, strlen(optarg)};
		} else if (option == 'r') {
			*rounds = number;
		} else if (option == 'f') {
			s->in_flight_most = number;
		} else {
			s->crashes_most = number;
		}
	}
	return argc - optind >= 3;
}

int main(int argc, char **argv)
{
	struct sender s = {.in_flight_most = IN_FLIGHT, .crashes_most = CRASHES};
	struct album album = {.entries = NULL};
	unsigned rounds = 1;
	int status = 0;
	int rc;

	if (!read_options(argc, argv, &s, &rounds))
		return usage();
	for (int i = optind + 2; i < argc && status == 0; i++)
		status = album_add(&album, argv[i]) < 0 ? 2 : 0;
	if (status == 0 && album.count == 0) {
		fprintf(stderr, "thumbs-send: no pictures there\n");
		status = 2;
	}
	if (status == 0) {
		rc = outdir_open(&s.outdir, argv[optind + 1]);
		status = rc < 0 ? fail("open", argv[optind + 1], rc)
				: send_album(&s, &album, argv[optind], rounds);
		outdir_close(&s.outdir);
	}
	free(s.jobs);
	album_free(&album);
	return status;
}
