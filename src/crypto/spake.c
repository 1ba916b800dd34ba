// spake.c: see spake.h. The list of the groups, and the checks that all of them want.
#include "crypto/spake.h"
#include "crypto/spake_group.h"

// In the order of their numbers; configuration says which are used, and in which order.
static const struct spake_group *const GROUPS[] = {
    &SPAKE_EDWARDS25519,
    &SPAKE_P256,
    &SPAKE_P384,
    &SPAKE_P521,
};

const struct spake_group *spake_group_find(int32_t number) {
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++)
        if (GROUPS[i]->number == number)
            return GROUPS[i];
    return NULL;
}

const struct spake_group *spake_group_by_name(struct slice name) {
    for (size_t i = 0; i < COUNT_OF(GROUPS); i++)
        if (slice_eq_nocase(slice_str(GROUPS[i]->name), name))
            return GROUPS[i];
    return NULL;
}

int32_t spake_group_number(const struct spake_group *g) {
    return g->number;
}

const char *spake_group_name(const struct spake_group *g) {
    return g->name;
}

size_t spake_scalar_length(const struct spake_group *g) {
    return g->scalar_length;
}

size_t spake_point_length(const struct spake_group *g) {
    return g->point_length;
}

size_t spake_hash_length(const struct spake_group *g) {
    return hash_length(g->hash);
}

void spake_hash(const struct spake_group *g, const struct slice *parts, size_t count,
                uint8_t *out) {
    hash_compute(g->hash, parts, count, out);
}

enum obol_code spake_private(const struct spake_group *g, const struct env *env, struct buf out,
                             struct error *err) {
    ENSURE(out.len == g->scalar_length, INVALID_ARGUMENT, "a private key of %s has %zu bytes",
           g->name, g->scalar_length);
    ENSURE(g->private_key(g, env, out.ptr), CRYPTO_LIBRARY, "a private key of %s", g->name);
    return OBOL_OK;
}

static enum obol_code check_scalars(const struct spake_group *g, struct slice w, struct slice x,
                                    struct buf out, struct error *err) {
    ENSURE(w.len == g->scalar_length && x.len == g->scalar_length && out.len == g->point_length,
           INVALID_ARGUMENT, "numbers of %s have %zu bytes, points %zu", g->name, g->scalar_length,
           g->point_length);
    return OBOL_OK;
}

enum obol_code spake_public(const struct spake_group *g, bool kdc, struct slice w, struct slice x,
                            struct buf out, struct error *err) {
    TRY(check_scalars(g, w, x, out, err));
    ENSURE(g->mask(g, kdc ? g->m : g->n, w.ptr, x.ptr, out.ptr), CRYPTO_LIBRARY,
           "a public key of %s", g->name);
    return OBOL_OK;
}

enum obol_code spake_result(const struct spake_group *g, bool kdc, struct slice w, struct slice x,
                            struct slice peer, struct buf out, struct error *err) {
    TRY(check_scalars(g, w, x, out, err));
    ENSURE(peer.len == g->point_length, DER_VALUE, "a public key of %s has %zu bytes, not %zu",
           g->name, g->point_length, peer.len);
    ENSURE(g->unmask(g, kdc ? g->n : g->m, w.ptr, x.ptr, peer.ptr, out.ptr), DER_VALUE,
           "the other side's public key is none of %s", g->name);
    return OBOL_OK;
}
