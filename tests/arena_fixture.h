// arena_fixture.h: for tests that need memory and nothing else: an arena from a file's first case
// to its last.
#ifndef OBOL_TESTS_ARENA_FIXTURE_H
#define OBOL_TESTS_ARENA_FIXTURE_H

#include "base/arena.h"
#include "test.h"

static struct arena arena;

static int arena_begin(void **state) {
    UNUSED(state);
    return arena_init(&arena, 1 << 20, 256 << 20) ? 0 : -1;
}
static int arena_end(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

#endif
