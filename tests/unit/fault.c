/* fault: allocation functions that refuse. */
#include "fault.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool armed;
static bool lasting;
static size_t fails_at;
static size_t asked;
static size_t refused;
static size_t largest;

void fault_arm(size_t k, bool for_ever)
{
	armed = true;
	lasting = for_ever;
	fails_at = k;
	asked = refused = largest = 0;
}

bool fault_disarm(void)
{
	armed = false;
	return refused > 0;
}

size_t fault_largest(void)
{
	return largest;
}

size_t fault_count(void)
{
	return asked;
}

static bool is_refused(size_t size)
{
	if (!armed)
		return false;
	asked++;
	if (size > largest)
		largest = size;
	if (fails_at == 0 || asked < fails_at || (asked > fails_at && !lasting))
		return false;
	refused++;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return is_refused(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_refused(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_refused(size) ? NULL : __real_realloc(memory, size);
}
