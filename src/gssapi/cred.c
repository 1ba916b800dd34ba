// cred.c: what the calls on contexts ask of credentials, and credentials made by the library
// itself; see cred.h.
#include "gssapi/part.h"
#include "net/host.h"
#include <stdlib.h>

// A handle whose mechanisms share one part, whose reference it takes over.
struct gss_cred_id_struct *cred_of_part(struct gssapi_part *part, unsigned mechs) {
    struct gss_cred_id_struct *cred = cred_new();
    if (!cred) {
        part_drop(part);
        return NULL;
    }
    for (unsigned mech = 1; mech <= GSSAPI_ALL_MECHS; mech <<= 1)
        if (mechs & mech) {
            part_hold(part);
            cred_add(cred, mech, part);
        }
    part_drop(part);
    return cred;
}

enum obol_code gssapi_cred_of_tickets(const struct principal *client, const struct cred *tickets,
                                      size_t count, struct gss_cred_id_struct **out,
                                      struct error *err) {
    struct gssapi_part *part = part_new(GSS_C_INITIATE);
    ENSURE_MEMORY(part);
    const struct ccache_content content = {
        .principal = *client,
        .creds = (struct cred *)(uintptr_t)tickets,
        .count = count,
    };
    enum obol_code code = part_private_cache(part, err);
    if (code == OBOL_OK)
        code = ccache_initialize(part->cache, &content, err);
    for (size_t i = 0; i < count; i++)
        if (part->expire == 0 || principal_is_krbtgt(&tickets[i].server.name))
            part->expire = tickets[i].endtime;
    if (code == OBOL_OK && !(part->name = gssapi_name_of_principal(client, GSSAPI_KRB5)))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no room for a name");
    if (code != OBOL_OK) {
        part_drop(part);
        return code;
    }
    *out = cred_of_part(part, GSSAPI_KRB5 | GSSAPI_SPNEGO);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

enum obol_code gssapi_cred_of_parts(struct ccache *cache, const char *keytab,
                                    const struct principal *accept_as,
                                    struct gss_cred_id_struct **out, struct error *err) {
    ENSURE(cache || keytab, INVALID_ARGUMENT, "neither a cache nor a keytab is given");
    struct gss_name_struct *name = NULL;
    if (accept_as) {
        name = gssapi_name_of_principal(accept_as, GSSAPI_KRB5);
        ENSURE_MEMORY(name);
    }
    const struct gssapi_places places = {.keytab = keytab, .open_cache = cache};
    struct gssapi_part *part;
    gss_cred_usage_t usage = !cache ? GSS_C_ACCEPT : keytab ? GSS_C_BOTH : GSS_C_INITIATE;
    enum obol_code code = part_acquire(name, usage, &places, false, &part, err);
    gssapi_name_free(name);
    TRY(code);
    *out = cred_of_part(part, GSSAPI_KRB5 | GSSAPI_SPNEGO);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

// The part of a usage, borrowed: it lives as long as the handle.
static struct gssapi_part *borrow(const struct gss_cred_id_struct *cred, gss_cred_usage_t usage) {
    if (!cred)
        return NULL;
    struct gssapi_part *part = cred_part_for((struct gss_cred_id_struct *)(uintptr_t)cred, usage);
    part_drop(part);
    return part;
}

struct ccache *gssapi_cred_cache(struct gss_cred_id_struct *cred) {
    struct gssapi_part *part = borrow(cred, GSS_C_INITIATE);
    return part ? part->cache : NULL;
}

struct int32_list gssapi_cred_etypes(const struct gss_cred_id_struct *cred,
                                     gss_cred_usage_t usage) {
    struct gssapi_part *part = borrow(cred, usage);
    return part ? (struct int32_list){part->etypes, part->etype_count} : (struct int32_list){0};
}

unsigned gssapi_cred_mechs(const struct gss_cred_id_struct *cred) {
    unsigned mechs = 0;
    if (!cred)
        return GSSAPI_ALL_MECHS;
    for (size_t i = 0; i < cred->count; i++)
        mechs |= cred->parts[i].mech;
    return mechs;
}

size_t gssapi_cred_neg_mechs(const struct gss_cred_id_struct *cred, unsigned *out, size_t max) {
    static const unsigned usual[] = {GSSAPI_KRB5};
    const unsigned *mechs = cred && cred->neg_set ? cred->neg : usual;
    size_t count = cred && cred->neg_set ? cred->neg_count : COUNT_OF(usual);
    for (size_t i = 0; i < count && i < max; i++)
        out[i] = mechs[i];
    return count < max ? count : max;
}

bool gssapi_cred_no_ci_flags(const struct gss_cred_id_struct *cred) {
    struct gssapi_part *part = borrow(cred, GSS_C_INITIATE);
    return part && part->no_ci_flags;
}

const struct secret *gssapi_cred_password(const struct gss_cred_id_struct *cred) {
    struct gssapi_part *part = borrow(cred, GSS_C_INITIATE);
    return part && part->has_password ? &part->password : NULL;
}
