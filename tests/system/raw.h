/* raw: a client that says what it likes, byte by byte and frame by frame. One at a time. */
#ifndef BROOD_RAW_H
#define BROOD_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "hello.h"

struct raw {
	int fd;
	struct frame_decoder in;
	unsigned char buffer[1 << 20];
	bool has_input;
	uint64_t features; /* that raw_encode_hello() offers */
};

extern struct raw raw;

/* "unix:PATH" */
void raw_connect(const char *address);
void raw_close(void);
/* HELLO and what follows, until calls may be made. */
void raw_greet(void);
/* The same, where max_calls of the endpoint is another one. */
void raw_greet_with(uint32_t slots);
void raw_bytes(const void *bytes, size_t size);
void raw_send(const struct frame *f);
/* A whole call in one frame. */
void raw_call(uint32_t id, const char *method, const char *body);
/* The next frame; false at the end of the connection. */
bool raw_receive(struct frame *f);
/* The next frame of this type; others are skipped. */
bool raw_await(uint8_t type, struct frame *f);
/* The sentence of a REPLY or GOAWAY. */
const char *raw_text(const struct frame *f);

/* A frame as it stands on the wire; returns its length. */
size_t raw_encode(unsigned char *out, const struct frame *f);
size_t raw_encode_hello(unsigned char *out, uint16_t least, uint16_t most);

#endif
