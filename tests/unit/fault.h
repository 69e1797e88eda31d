/*
 * fault: lets the k-th allocation fail. The program is linked with --wrap for malloc, calloc and
 * realloc.
 */
#ifndef BROOD_FAULT_H
#define BROOD_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the k-th allocation fails (from 1; 0: none), and all after it if `for_ever`. */
void fault_arm(size_t k, bool for_ever);
/* Ends that; true if an allocation was refused. */
bool fault_disarm(void);
/* The largest allocation that was asked for since fault_arm(), and how many were. */
size_t fault_largest(void);
size_t fault_count(void);

#endif
