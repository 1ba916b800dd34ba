// base.h: the few macros that every file of Obol uses.
#ifndef OBOL_BASE_BASE_H
#define OBOL_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define LIKELY(x)    __builtin_expect(!!(x), 1)
#define UNLIKELY(x)  __builtin_expect(!!(x), 0)
#define COUNT_OF(a)  (sizeof(a) / sizeof((a)[0]))
// UNUSED marks a parameter that a callback's prototype asks for and this function has no use for.
#define UNUSED(x) ((void)(x))

#endif
