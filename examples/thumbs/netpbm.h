/*
 * netpbm: binary PGM (P5) and PPM (P6) files of 8 bits a sample.
 */
#ifndef THUMBS_NETPBM_H
#define THUMBS_NETPBM_H

#include <stdbool.h>

#include "picture.h"

/* Does it begin like one? */
bool netpbm_begins(const uint8_t *data, size_t size);
enum picture_result netpbm_decode(const uint8_t *data, size_t size, struct picture *picture_out,
				  struct reason *why);

#endif
