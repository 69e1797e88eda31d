/* fuzz: the one function of a target, for libFuzzer or replay.c. It aborts on what is wrong. */
#ifndef BROOD_FUZZ_H
#define BROOD_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
