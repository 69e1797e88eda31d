/*
 * stream: calls with more than one message, either way: what becomes of each part of them.
 */
#ifndef BROOD_STREAM_H
#define BROOD_STREAM_H

#include "pool.h"

/* One frame's worth of a message. */
struct stream_part {
	uint32_t size;     /* bytes */
	bool ends_message; /* the message is complete */
	bool ends_stream;  /* its sender sends nothing more on this call */
};

/* Part of a request whose first message has entered the pool. Without ACTION_KEEP_PART or _SEND_PART: to be dropped. */
void stream_request(struct pool *p, uint32_t call, const struct stream_part *part, struct instant now,
		    struct actions *out);
/* Part of a worker's answer. Without ACTION_FORWARD_PART it is to be dropped. */
void stream_reply(struct pool *p, struct worker *w, uint32_t wire_id, const struct stream_part *part,
		  struct instant now, struct actions *out);
/* Initial metadata of a worker's answer; passed on once, before all else. Likewise. */
void stream_headers(struct pool *p, struct worker *w, uint32_t wire_id, struct actions *out);
/* This worker knows no streams: the call is answered so. */
void stream_refused(struct pool *p, struct worker *w, uint32_t wire_id, enum frame_reason why, struct instant now,
		    struct actions *out);
/* The client sends nothing more: is this a request that can never end now? Then it is answered so. */
void stream_cut(struct pool *p, uint32_t call, struct instant now, struct actions *out);

#endif
