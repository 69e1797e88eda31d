/* Planted: functions that are not exported, not public, or not described. */
#ifndef BROOD_H
#define BROOD_H

#define BROOD_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*brood_handler)(int code);
typedef struct brood brood_t;

/* Described, exported: nothing is to be said. */
BROOD_API int brood_open(brood_t **out, brood_handler handler,
			 void *user);

/* A group: both are described by this. */
BROOD_API int brood_read(brood_t *b);
BROOD_API int brood_write(brood_t *b, const char *format, ...) /* the last may be NULL */
	__attribute__((format(printf, 2, 3)));

BROOD_API const char *brood_nameless(void); /* a comment behind it is none above it */

/* Not exported. */
BROOD_API int brood_missing(void);
/* Nobody could link to it. */
int brood_hidden(void);

/* Inline: has no symbol. */
static inline int brood_inline(void)
{
	return brood_hidden();
}

#ifdef __cplusplus
}
#endif

#endif
