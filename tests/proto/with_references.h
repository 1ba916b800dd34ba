// with_references.h: for tests over MIT's reference encodings: an arena, and all of them in it.
#ifndef OBOL_TESTS_PROTO_WITH_REFERENCES_H
#define OBOL_TESTS_PROTO_WITH_REFERENCES_H

#include "../arena_fixture.h"
#include "reference.h"

static struct references *all;

static int references_begin(void **state) {
    if (arena_begin(state) != 0)
        return -1;
    all = references_all(&arena);
    return 0;
}

#endif
