/*
 * seed: writes the corpus of the fuzz targets, small inputs named by what they show, and their
 * dictionaries.
 *
 * usage: fuzz_seed DIRECTORY. Everything comes from frame.def and the codec, so that it is made
 * again when they change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "contract.h"
#include "frame.h"
#include "hello.h"
#include "memory.h"
#include "sample.h"

enum { INPUT_MOST = 4096, ALL_WORDS = (1 << SAMPLE_WORDS) - 1 };

static const char *base;

static FILE *create(const char *directory, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", base, directory, name);
	file = fopen(path, "we");
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

/* An input of fuzz_frame: max_frame by number, piece lengths, the stream. */
static void put_stream(const char *name, uint8_t limit, const char *pieces, const uint8_t *stream,
		       size_t size)
{
	FILE *file = create("corpus/fuzz_frame/", name);

	fputc(limit, file);
	fputc((int)strlen(pieces), file);
	fwrite(pieces, 1, strlen(pieces), file);
	fwrite(stream, 1, size, file);
	fclose(file);
}

static void put_hex(const char *name, const char *hex)
{
	uint8_t stream[INPUT_MOST];

	put_stream(name, 1, "\7\1\20", stream, sample_hex(stream, sizeof(stream), hex));
}

static void put_types(void)
{
	static const struct {
		uint8_t type;
		const char *name;
	} types[] = {
#define TYPE(name, value, ids, doc) {value, #name},
#include "frame.def"
	};

	for (size_t i = 0; i < SAMPLE_TYPES; i++) {
		unsigned subset = (unsigned)i * 5 & ALL_WORDS;
		struct frame f = sample_frame(types[i].type, subset, i & 1, i & 2);
		uint8_t stream[SAMPLE_MOST];

		put_stream(types[i].name, 2, "\5\37", stream, sample_encode(stream, &f));
	}
}

static void put_words(void)
{
	static const char *const names[] = {"word-LENGTH",   "word-DEADLINE", "word-PEER",
					    "word-DELIVERY", "word-TRACE",    "word-ORDER"};

	for (unsigned i = 0; i < SAMPLE_WORDS; i++) {
		struct frame f = sample_frame(FRAME_CALL, 1u << i, true, true);
		uint8_t stream[SAMPLE_MOST];

		put_stream(names[i], 1, "\20", stream, sample_encode(stream, &f));
	}
}

static size_t add_part(uint8_t *at, uint8_t type, uint32_t id, unsigned flags, uint32_t size)
{
	static const uint8_t body[256] = "part";
	struct frame f = {.type = type, .flags = (uint8_t)flags, .id = id, .body = body, .body_size = size};

	return sample_encode(at, &f);
}

static void put_messages(void)
{
	uint8_t s[INPUT_MOST];
	size_t n;

	n = add_part(s, FRAME_CALL, 1, 0, 50);
	n += add_part(s + n, FRAME_DATA, 1, 0, 50);
	n += add_part(s + n, FRAME_DATA, 1, FLAG_EOM | FLAG_EOS, 10);
	put_stream("message-of-three-frames", 1, "\31", s, n);
	n = add_part(s, FRAME_DATA, 2, 0, 50);
	n += add_part(s + n, FRAME_REPLY, 2, FLAG_EOM | FLAG_EOS, 10);
	put_stream("message-of-data-and-reply", 1, "\100", s, n);
	n = add_part(s, FRAME_DATA, 2, 0, 50);
	n += add_part(s + n, FRAME_REPLY, 2, FLAG_EOS, 0);
	put_stream("message-given-up", 1, "\1", s, n);
	n = add_part(s, FRAME_CALL, 1, 0, 20);
	n += add_part(s + n, FRAME_CALL, 1, 0, 20);
	put_stream("message-opened-twice", 1, "\47", s, n);
	n = add_part(s, FRAME_CALL, 1, 0, 20);
	n += add_part(s + n, FRAME_DATA, 1, FLAG_EOS, 0);
	put_stream("message-ended-inside", 1, "", s, n);
	n = 0;
	for (uint32_t id = 1; id < 10; id++)
		n += add_part(s + n, FRAME_CALL, id, 0, 150);
	put_stream("messages-over-the-limit-held", 1, "\377", s, n);
	n = add_part(s, FRAME_CALL, 1, 0, 150);
	n += add_part(s + n, FRAME_DATA, 1, 0, 150);
	n += add_part(s + n, FRAME_DATA, 1, 0, 150);
	put_stream("message-over-the-limit", 1, "\377", s, n);
}

static void put_rows(void)
{
	uint8_t s[INPUT_MOST];
	size_t n = 0;

	for (size_t i = 0; i < 8; i++) {
		struct frame f = sample_frame(sample_types[i * 2], (unsigned)i, i & 1, i & 2);

		n += sample_encode(s + n, &f);
	}
	put_stream("row-byte-by-byte", 2, "", s, n);
	put_stream("row-in-sixteens", 2, "\17", s, n);
	put_stream("row-in-odd-pieces", 2, "\1\2\3\5\7\13\15", s, n);
	put_stream("row-that-ends-early", 2, "\17", s, n - 5);
	n = add_part(s, FRAME_PING, 0, 0, 0);
	n += add_part(s + n, FRAME_DATA, 1, 0, 100);
	n += add_part(s + n, FRAME_PING, 0, 0, 0);
	put_stream("oversize-between-two", 0, "\11", s, n);
	put_stream("oversize-at-once", 0, "\377", s, n);
}

#define PING "0c000000 05 00 00 00 00000000 2a000000 "

static void put_nonsense(void)
{
	put_hex("empty", "");
	put_hex("unknown-type", "0c000000 7f 04 00 00 05000000 00000000" PING);
	put_hex("unknown-word", "14000000 11 01 00 01 01000000 00000000 40 01 0000 00000000");
	put_hex("unknown-word-required", "14000000 11 01 00 01 01000000 00000000 c0 01 0000 00000000");
	put_hex("bit-31", PING "0c000080 05 00 00 00 00000000 00000000");
	put_hex("size-11", PING "0b000000 05 00 00 00 00000000 00000000");
	put_hex("reserved-flag", PING "0c000000 05 80 00 00 00000000 00000000");
	put_hex("fds-17", PING "0c000000 05 00 11 00 00000000 00000000");
	put_hex("words-33", PING "00400000 11 00 00 21 01000000 00000000");
	put_hex("words-longer-than-frame", PING "13000000 05 00 00 01 00000000 00000000");
	put_hex("id-of-ping", PING "0c000000 05 00 00 00 01000000 00000000");
	put_hex("word-of-length-0", "14000000 11 00 00 01 01000000 00000000 03 00 0000 00000000");
	put_hex("word-with-reserved-byte", "14000000 11 00 00 01 01000000 00000000 03 01 0001 00000000");
	put_hex("word-twice",
		"1c000000 11 00 00 02 01000000 00000000 03 01 0000 00000000 03 01 0000 00000000");
	put_hex("head-over-16-KiB", "14000000 11 00 00 01 01000000 00000000 01 01 0000 01400000");
	put_hex("head-longer-than-frame", "14000000 11 00 00 01 01000000 00000000 01 01 0000 01000000");
	put_hex("head-padding",
		"1c000000 11 00 00 01 01000000 00000000 01 01 0000 06000000 0100 0100 6b76 0100");
	put_hex("head-without-key",
		"1c000000 11 00 00 01 01000000 00000000 01 01 0000 04000000 0000 0000 00000000");
	put_hex("head-entry-too-long",
		"1c000000 11 00 00 01 01000000 00000000 01 01 0000 06000000 0100 ffff 6b76 0000");
	put_hex("largest-length", "ffffff7f 11 01 02 00 07000000 09000000 0102030405");
}

/* An input of fuzz_session: choices, length of a piece / 8, what the other side says. */
static void put_session(const char *name, uint8_t choices, uint8_t piece, const uint8_t *stream, size_t size)
{
	FILE *file = create("corpus/fuzz_session/", name);

	fputc(choices, file);
	fputc(piece, file);
	fwrite(stream, 1, size, file);
	fclose(file);
}

static size_t add_bare(uint8_t *at, uint8_t type, uint32_t id, uint32_t arg)
{
	return sample_encode(at, &(struct frame){.type = type, .id = id, .arg = arg});
}

/* Frames that announce as many descriptors as fuzz_session sends with each piece: see send_piece() there. */
static void put_sessions_with_fds(void)
{
	static const uint8_t payload[64];
	uint8_t s[INPUT_MOST];
	size_t calls = 0;
	size_t replies = 0;

	for (uint32_t i = 1; i <= 4; i++) {
		struct frame f = {.type = FRAME_CALL,
				  .flags = FLAG_EOM | FLAG_EOS,
				  .id = 2 * i,
				  .nfds = 1,
				  .body = payload,
				  .body_size = 8};

		calls += sample_encode(s + calls, &f);
	}
	put_session("calls-with-descriptors", 128, 3, s, calls);
	put_session("calls-with-descriptors-kept", 128 | 2, 3, s, calls);
	for (uint32_t id = 1; id <= 7; id += 2) {
		struct frame f = {.type = FRAME_REPLY,
				  .flags = FLAG_EOM | FLAG_EOS,
				  .id = id,
				  .nfds = (uint8_t)(id == 7 ? FRAME_FDS_UNSENT : 1),
				  .body = payload,
				  .body_size = 8};

		replies += sample_encode(s + replies, &f);
	}
	put_session("replies-with-descriptors", 128, 3, s, replies);
}

/* A frame of 40 bytes with a note; its size makes fuzz_session send one descriptor with it. */
static size_t add_note(uint8_t *at, uint8_t type, uint32_t id, uint64_t offset, uint64_t size)
{
	const struct memory_note note = {.body = {offset, size}};
	uint8_t body[FRAME_NOTE_LENDS];
	struct frame f = {.type = type,
			  .flags = FLAG_EOM | FLAG_EOS | FLAG_MEMFD,
			  .id = id,
			  .nfds = type == FRAME_CALL,
			  .words = 1u << WORD_DEADLINE,
			  .deadline_ms = 5000,
			  .body = body};

	f.body_size = memory_write_note(body, &note);
	return sample_encode(at, &f);
}

/* Bodies that lie in memory: there, and not; and answers where the client has lent room for them, and elsewhere. */
static void put_sessions_with_memory(void)
{
	enum { ANSWERS_AT = 2 << 20, FDS = 128, PIECE = 5 }; /* pieces of 40 bytes */
	static const uint64_t sizes[] = {5, 0, 40000, 40001, 50001, UINT64_MAX};
	uint8_t s[INPUT_MOST];
	size_t n = 0;

	for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		n += add_note(s + n, FRAME_CALL, 2 * i + 2, i, sizes[i]);
	put_session("requests-in-memory", FDS, PIECE, s, n);
	put_session("requests-in-memory-kept", FDS | 2, PIECE, s, n);
	put_session("requests-in-memory-lost", 0, PIECE, s, n);
	n = 0;
	for (uint32_t id = 3; id <= 7; id += 2)
		n += add_note(s + n, FRAME_REPLY, id, ANSWERS_AT, 10 * id);
	put_session("answers-in-memory", 0, PIECE, s, n);
	n = add_note(s, FRAME_REPLY, 3, ANSWERS_AT, 40000);
	n += add_note(s + n, FRAME_REPLY, 5, ANSWERS_AT + 1, 1);
	put_session("answers-in-memory-elsewhere", 0, PIECE, s, n);
	n = add_note(s, FRAME_REPLY, 1, ANSWERS_AT, 10);
	put_session("answers-in-memory-not-lent", 0, PIECE, s, n);
}

/* Calls that go on, and answers of several messages. */
static void put_sessions_with_streams(void)
{
	enum { STREAMS = 128 }; /* in the second byte */
	uint8_t s[INPUT_MOST];
	size_t n = add_part(s, FRAME_CALL, 2, 0, 0);

	n += add_part(s + n, FRAME_DATA, 2, FLAG_EOM, 0);
	n += add_part(s + n, FRAME_CALL, 4, FLAG_EOM, 20);
	n += add_part(s + n, FRAME_DATA, 2, 0, 250);
	n += add_part(s + n, FRAME_DATA, 2, FLAG_EOM, 10);
	n += add_part(s + n, FRAME_DATA, 4, FLAG_EOM | FLAG_EOS, 100);
	n += add_bare(s + n, FRAME_WINDOW, 2, 5000);
	n += add_part(s + n, FRAME_DATA, 2, FLAG_EOS, 0);
	n += add_part(s + n, FRAME_CALL, 6, 0, 0);
	n += add_bare(s + n, FRAME_CANCEL, 6, 1 << 16 | 1);
	n += add_bare(s + n, FRAME_FLUSH, 0, 2);
	put_session("requests-of-several-messages", 0, STREAMS | 3, s, n);
	put_session("requests-of-several-messages-long", 16, STREAMS | 100, s, n);
	n = 0;
	for (uint32_t id = 1; id <= 11; id += 2) {
		n += add_bare(s + n, FRAME_HEADERS, id, 0);
		n += add_part(s + n, FRAME_DATA, id, FLAG_EOM, 10);
		n += add_part(s + n, FRAME_DATA, id, 0, 200);
		n += add_bare(s + n, FRAME_WINDOW, id, 5000);
		n += add_part(s + n, FRAME_DATA, id, FLAG_EOM, 1);
		n += add_part(s + n, FRAME_REPLY, id, id == 3 ? FLAG_EOS : FLAG_EOM | FLAG_EOS,
			      id == 3 ? 0 : 5);
	}
	put_session("answers-of-several-messages", 0, STREAMS | 3, s, n);
	put_session("answers-of-several-messages-long", 16 | 4, STREAMS | 100, s, n);
}

/* What a supervisor says to a worker, and a server to a client with the calls 1, 3, 5 and 7. */
static void put_sessions(void)
{
	uint8_t s[INPUT_MOST];
	struct frame f;
	size_t n = 0;

	for (uint32_t id = 2; id <= 8; id += 2) {
		f = sample_frame(FRAME_CALL, id == 4 ? 7 : 0, true, true);
		f.flags = FLAG_EOM | FLAG_EOS;
		f.nfds = 0;
		f.id = id;
		n += sample_encode(s + n, &f);
	}
	n += add_bare(s + n, FRAME_PING, 0, 1);
	n += add_bare(s + n, FRAME_FLUSH, 0, 2);
	n += add_bare(s + n, FRAME_CANCEL, 4, 1 << 16 | 1);
	n += add_bare(s + n, FRAME_WINDOW, 0, 100000);
	n += add_bare(s + n, FRAME_WINDOW, 4, 100000);
	n += add_bare(s + n, FRAME_FLUSHED, 0, 1);
	put_session("calls", 0, 0, s, n);
	put_session("calls-kept-and-stopped", 2 | 32, 4, s, n);
	put_session("calls-with-long-answers", 16 | 64, 255, s, n);
	put_session("calls-with-errors", 4, 3, s, n);
	n = add_part(s, FRAME_CALL, 2, 0, 100);
	n += add_part(s + n, FRAME_DATA, 2, 0, 100);
	n += add_part(s + n, FRAME_DATA, 2, FLAG_EOM | FLAG_EOS, 100);
	n += add_part(s + n, FRAME_CALL, 4, 0, 100);
	n += add_bare(s + n, FRAME_GOAWAY, 0, 14);
	n += add_bare(s + n, FRAME_CANCEL, 4, 1 << 16 | 1);
	put_session("call-in-pieces-and-goaway", 2, 9, s, n);
	n = add_bare(s, FRAME_SLOTS, 0, 6);
	n += add_part(s + n, FRAME_DATA, 3, 0, 50);
	n += add_part(s + n, FRAME_REPLY, 1, FLAG_EOM | FLAG_EOS, 20);
	n += add_part(s + n, FRAME_REPLY, 3, FLAG_EOM | FLAG_EOS, 20);
	f = sample_frame(FRAME_REPLY, 0, true, false);
	f.flags = FLAG_EOS | FLAG_NOT_PROCESSED;
	f.nfds = 0;
	f.id = 5;
	f.arg = 16 << 16 | 14;
	n += sample_encode(s + n, &f);
	n += add_bare(s + n, FRAME_PONG, 0, 1);
	n += add_part(s + n, FRAME_NOTIFY, 0, 0, 30);
	n += add_part(s + n, FRAME_REPLY, 9, FLAG_EOM | FLAG_EOS, 0);
	put_session("replies", 0, 2, s, n);
	put_session("replies-to-cancelled", 8, 5, s, n);
	put_session("replies-to-long-calls", 16 | 8, 255, s, n);
	n = add_bare(s, FRAME_PING, 0, 1);
	put_session("no-greeting", 1, 0, s, n);
	put_session("nothing", 0, 1, s, 0);
}

/* An input of fuzz_hello: two payloads, the first padded by a line to a multiple of 8. */
static void put_hellos(const char *name, const struct hello *a, const struct hello *b)
{
	uint8_t bytes[INPUT_MOST];
	size_t first = hello_write(bytes, sizeof(bytes), a);
	size_t second = hello_write(bytes + first, sizeof(bytes) - first, b);
	FILE *file = create("corpus/fuzz_hello/", name);

	if (first % 8 != 0)
		abort();
	fputc((int)(first / 8), file);
	fwrite(bytes, 1, first + second, file);
	fclose(file);
}

static void put_all_hellos(void)
{
	static const char lines[] = "name=thumbs\ninstance=0\nsetting.path=/a=b\nempty=\nname=x\n";
	struct hello a = {.version_min = 1,
			  .version_max = 1,
			  .max_frame = BROOD_MAX_FRAME,
			  .max_message = BROOD_MAX_MESSAGE,
			  .stream_window = BROOD_STREAM_WINDOW,
			  .conn_window = BROOD_CONN_WINDOW,
			  .slots = 4,
			  .keepalive_ms = 10000,
			  .features = 0x1ff};
	struct hello b = a;

	put_hellos("two-alike", &a, &b);
	b.version_min = b.version_max = 2;
	put_hellos("no-common-version", &a, &b);
	b = a;
	b.features = b.required = 0x200;
	put_hellos("a-feature-is-missing", &a, &b);
	b = a;
	b.max_frame = BROOD_MAX_FRAME_LEAST;
	b.lines = lines;
	b.lines_size = sizeof(lines) - 1;
	put_hellos("lines", &a, &b);
	b.max_frame--;
	put_hellos("max-frame-too-small", &a, &b);
	b.max_frame = UINT32_MAX;
	b.stream_window = 1u << 31;
	put_hellos("window-too-large", &a, &b);
	b = a;
	b.required = 0x200;
	put_hellos("requires-what-it-lacks", &a, &b);
	b = a;
	b.lines = "no line";
	b.lines_size = 7;
	put_hellos("lines-without-end", &a, &b);
	a.lines = "a=\033[0m\n\n";
	a.lines_size = 8;
	put_hellos("an-empty-line", &a, &b);
}

/* Bytes as a dictionary writes them. */
static void put_entry(FILE *file, const char *name, const uint8_t *bytes, size_t size)
{
	fprintf(file, "%s=\"", name);
	for (size_t i = 0; i < size; i++)
		fprintf(file, "\\x%02x", bytes[i]);
	fprintf(file, "\"\n");
}

static void put_dictionaries(void)
{
	FILE *file = create("", "fuzz_frame.dict");

	fprintf(file, "# Made by seed.c from frame.def.\n");
#define TYPE(name, value, ids, doc) \
	put_entry(file, "type_" #name, (const uint8_t[]){12, 0, 0, 0, value, 0, 0, 0}, 8);
#define FLAG(name, bit, doc)        put_entry(file, "flag_" #name, (const uint8_t[]){1 << (bit)}, 1);
#define WORD(name, tag, words, doc) put_entry(file, "word_" #name, (const uint8_t[]){tag, words, 0, 0}, 4);
#include "frame.def"
	put_entry(file, "entry", (const uint8_t[]){2, 0, 2, 0, 'k', 'k', 'v', 'v'}, 8);
	put_entry(file, "eom_eos", (const uint8_t[]){FLAG_EOM | FLAG_EOS}, 1);
	fclose(file);
	file = create("", "fuzz_hello.dict");
	fprintf(file, "# Made by seed.c.\n");
	put_entry(file, "magic", (const uint8_t *)HELLO_MAGIC, 8);
	put_entry(file, "line", (const uint8_t *)"k=v\n", 4);
	put_entry(file, "least_frame", (const uint8_t[]){0, 0x80, 0, 0}, 4);
	put_entry(file, "least_window", (const uint8_t[]){0, 0x10, 0, 0}, 4);
	put_entry(file, "most_window", (const uint8_t[]){255, 255, 255, 127}, 4);
	fclose(file);
}

static void make_directory(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", base, name);
	(void)mkdir(path, 0777);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	base = argv[1];
	make_directory("corpus");
	make_directory("corpus/fuzz_frame");
	make_directory("corpus/fuzz_hello");
	make_directory("corpus/fuzz_session");
	put_types();
	put_words();
	put_messages();
	put_rows();
	put_nonsense();
	put_all_hellos();
	put_sessions();
	put_sessions_with_fds();
	put_sessions_with_memory();
	put_sessions_with_streams();
	put_dictionaries();
	return 0;
}
