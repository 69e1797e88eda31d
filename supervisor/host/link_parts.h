/* link_parts: what the files of link share. For them alone. */
#ifndef BROOD_LINK_PARTS_H
#define BROOD_LINK_PARTS_H

#include "link.h"

/* link.c */
/* Tells the owner, once. */
void link_end(struct link *l, enum link_end how, const char *problem);
/* Nothing can be written any more; what the peer said before is still read. */
void link_cannot_write(struct link *l);
/* Sets what the polls look for. */
void link_look(struct link *l);
/* Of a handle: one less. */
void link_one_closed(uv_handle_t *handle);

/* link_read.c */
/* Is anything taken from the peer now? */
bool link_may_read(struct link *l);
/* Reads what is there and hands out every frame in it. */
void link_read(struct link *l);
/* Ends it for what a system call said; 0: end of file. */
void link_see_error(struct link *l, int error);

#endif
