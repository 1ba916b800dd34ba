// rcache_world.h: a directory for a replay cache's file, and a clock and a random source that stand
// still, for the tests of rcache.c.
#ifndef OBOL_TESTS_CRED_RCACHE_WORLD_H
#define OBOL_TESTS_CRED_RCACHE_WORLD_H

#include "../test.h"
#include "cred/rcache.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW INT64_C(1790000000)

static char dir[] = "/tmp/obol-rcache-XXXXXX";
static char path[64];

static int make_dir(void **state) {
    UNUSED(state);
    strcpy(dir + sizeof dir - 7, "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof path, "%s/rc", dir);
    return 0;
}

static int drop_dir(void **state) {
    UNUSED(state);
    unlink(path);
    return rmdir(dir);
}

static struct slice tag_of(uint32_t *number) {
    return slice_of(number, sizeof *number);
}

static int64_t fixed_now_us(void *ctx) {
    UNUSED(ctx);
    return NOW * 1000000;
}

static void fixed_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 0x5a, out.len);
}

#endif
