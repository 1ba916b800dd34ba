// part.c: the parts of credentials: made, shared, dropped; see part.h.
#include "gssapi/part.h"
#include <stdio.h>
#include <stdlib.h>

struct gssapi_part *part_new(gss_cred_usage_t usage) {
    struct gssapi_part *part = calloc(1, sizeof *part);
    if (!part)
        return NULL;
    atomic_init(&part->refs, 1);
    pthread_mutex_init(&part->lock, NULL);
    part->usage = usage;
    return part;
}

void part_hold(struct gssapi_part *part) {
    atomic_fetch_add(&part->refs, 1);
}

void part_drop(struct gssapi_part *part) {
    if (!part || atomic_fetch_sub(&part->refs, 1) != 1)
        return;
    if (part->cache && part->destroy_cache) {
        enum obol_code gone = ccache_destroy(part->cache, NULL); // it may never have been filled
        UNUSED(gone);
    }
    ccache_close(part->cache);
    secret_clear(&part->password);
    gssapi_name_free(part->name);
    gssapi_name_free(part->accept_name);
    free(part->client_keytab);
    free(part->impersonator);
    free(part->keytab);
    keytab_memory_close(part->held_keytab);
    free(part->rcache);
    pthread_mutex_destroy(&part->lock);
    free(part);
}

OM_uint32 part_lifetime(const struct gssapi_part *part) {
    if (part->expire == 0)
        return GSS_C_INDEFINITE;
    int64_t left = part->expire - env_now(env_system());
    return left <= 0 ? 0 : left >= (int64_t)GSS_C_INDEFINITE ? GSS_C_INDEFINITE : (OM_uint32)left;
}

enum obol_code part_private_cache(struct gssapi_part *part, struct error *err) {
    static atomic_uint number;
    char name[64];
    int n = snprintf(name, sizeof name, "MEMORY:gssapi-%u", atomic_fetch_add(&number, 1));
    part->destroy_cache = true;
    return ccache_open(&part->cache, slice_of(name, (size_t)n), NULL, err);
}

struct gss_cred_id_struct *cred_new(void) {
    struct gss_cred_id_struct *cred = calloc(1, sizeof *cred);
    if (!cred)
        return NULL;
    cred->self = cred;
    cred->tag = GSSAPI_TAG_CRED;
    pthread_mutex_init(&cred->lock, NULL);
    return cred;
}

void cred_add(struct gss_cred_id_struct *cred, unsigned mech, struct gssapi_part *part) {
    pthread_mutex_lock(&cred->lock);
    cred->parts[cred->count].mech = mech;
    cred->parts[cred->count++].part = part;
    pthread_mutex_unlock(&cred->lock);
}

struct gssapi_part *cred_part(struct gss_cred_id_struct *cred, unsigned mech) {
    struct gssapi_part *found = NULL;
    pthread_mutex_lock(&cred->lock);
    for (size_t i = 0; i < cred->count && !found; i++)
        if (cred->parts[i].mech == mech)
            found = cred->parts[i].part;
    if (found)
        part_hold(found);
    pthread_mutex_unlock(&cred->lock);
    return found;
}

struct gssapi_part *cred_part_for(struct gss_cred_id_struct *cred, gss_cred_usage_t usage) {
    struct gssapi_part *found = NULL;
    pthread_mutex_lock(&cred->lock);
    for (size_t i = 0; i < cred->count && !found; i++) {
        gss_cred_usage_t has = cred->parts[i].part->usage;
        if (has == usage || has == GSS_C_BOTH)
            found = cred->parts[i].part;
    }
    if (found)
        part_hold(found);
    pthread_mutex_unlock(&cred->lock);
    return found;
}

bool gssapi_is_cred(gss_const_cred_id_t cred) {
    return cred && cred->tag == GSSAPI_TAG_CRED;
}

void gssapi_cred_free(struct gss_cred_id_struct *cred) {
    if (!cred)
        return;
    for (size_t i = 0; i < cred->count; i++)
        part_drop(cred->parts[i].part);
    pthread_mutex_destroy(&cred->lock);
    cred->tag = 0;
    free(cred);
}
