// gss_join.c: the calls in which the two faces meet: handles of libkrb5 become credentials of the
// GSS-API and back. Both stand in one library, so a handle is never another implementation's.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/keytab.h"
#include "gssapi/cred.h"
#include "gssapi/status.h"
#include <gssapi/gssapi_krb5.h>

#define ARENA_FIRST 32768u
#define ARENA_LIMIT (64u << 20)

static void clear_arena(struct arena *a) {
    arena_clear(a);
}

static enum obol_code import_parts(krb5_ccache cc, krb5_principal accept_as, krb5_keytab kt,
                                   struct arena *a, gss_cred_id_t *out, struct error *err) {
    struct ccache *cache = NULL;
    struct principal name;
    ENSURE(!cc || cc_is(cc), INVALID_ARGUMENT, "the cache is closed");
    ENSURE(!kt || kt_is(kt), INVALID_ARGUMENT, "the keytab is closed");
    if (accept_as)
        TRY(principal_in(accept_as, a, &name, err));
    // The program keeps its handle, and the credential has one of its own.
    if (cc)
        TRY(ccache_dup(cc->cache, &cache, err));
    enum obol_code code =
        gssapi_cred_of_parts(cache, kt ? kt->name : NULL, accept_as ? &name : NULL, out, err);
    if (code != OBOL_OK)
        ccache_close(cache);
    return code;
}

OM_uint32 gss_krb5_import_cred(OM_uint32 *minor, krb5_ccache cc, krb5_principal accept_as,
                               krb5_keytab kt, gss_cred_id_t *out) {
    CLEANUP(clear_arena) struct arena a = {0};
    struct error err;
    error_init(&err);
    OM_uint32 begun = gssapi_begin(minor);
    if (begun != GSS_S_COMPLETE)
        return begun;
    if (!out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    *out = GSS_C_NO_CREDENTIAL;
    if (!cc && !kt)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "neither a cache nor a keytab is given");
    if (!arena_init(&a, ARENA_FIRST, ARENA_LIMIT))
        return gssapi_no_memory(minor);
    enum obol_code code = import_parts(cc, accept_as, kt, &a, out, &err);
    return code == OBOL_OK ? GSS_S_COMPLETE : gssapi_fail(minor, &err);
}

static enum obol_code copy_tickets(gss_cred_id_t cred, krb5_ccache to, struct arena *a,
                                   struct error *err) {
    struct principal owner;
    struct ccache_content content;
    TRY(gssapi_cred_initiator(cred, a, &owner, err)); // so that it has a cache from here on
    struct ccache *from = gssapi_cred_cache(cred);
    ENSURE(from, CRED_NOT_FOUND, "the credential has no cache: it does not begin contexts");
    TRY(ccache_read(from, a, &content, err));
    return content.count ? ccache_store(to->cache, content.creds, content.count, err) : OBOL_OK;
}

OM_uint32 gss_krb5_copy_ccache(OM_uint32 *minor, gss_cred_id_t cred, krb5_ccache to) {
    CLEANUP(clear_arena) struct arena a = {0};
    struct error err;
    error_init(&err);
    OM_uint32 begun = gssapi_begin(minor);
    if (begun != GSS_S_COMPLETE)
        return begun;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!cc_is(to))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT, "no open cache is given");
    if (!arena_init(&a, ARENA_FIRST, ARENA_LIMIT))
        return gssapi_no_memory(minor);
    enum obol_code code = copy_tickets(cred, to, &a, &err);
    return code == OBOL_OK ? GSS_S_COMPLETE : gssapi_fail(minor, &err);
}
