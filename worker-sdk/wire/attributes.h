/* Compiler attributes, by names that say what they promise. Nothing else in brood uses __attribute__ for these. */
#ifndef BROOD_ATTRIBUTES_H
#define BROOD_ATTRIBUTES_H

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define UNUSED            __attribute__((unused))

#endif
