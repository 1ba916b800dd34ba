// home.h: a realm in a directory of its own, for the tests of the administration.
#ifndef OBOL_TESTS_ADMIN_HOME_H
#define OBOL_TESTS_ADMIN_HOME_H

#include "../test.h"
#include "admin/admin.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;
static struct admin *adm;
static struct error err;
static char home[64];

// home_begin makes EXAMPLE.COM on a store of this kind. False if it cannot.
static bool home_begin(const struct store_ops *ops) {
    strcpy(home, "/tmp/obol-admin-XXXXXX");
    error_init(&err);
    if (!mkdtemp(home) || !arena_init(&arena, 1 << 18, 16 << 20))
        return false;
    const struct admin_options o = {.home = home,
                                    .ops = ops,
                                    .realm = SLICE_LITERAL("EXAMPLE.COM"),
                                    .listen = SLICE_LITERAL("127.0.0.1:8888")};
    return admin_realm_create(&adm, &o, env_system(), &err) == OBOL_OK;
}

static int home_remove(const char *path, const struct stat *st, int kind, struct FTW *at) {
    UNUSED(st);
    UNUSED(kind);
    UNUSED(at);
    return remove(path);
}
static int home_end(void **state) {
    UNUSED(state);
    admin_close(adm);
    arena_clear(&arena);
    return nftw(home, home_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
