// cred_inquire.c: what a credential is (RFC 2744 5.21, 5.22), and its options.
#include "gssapi/part.h"
#include "gssapi/status.h"
#include <stdlib.h>

// What is known of a part.
struct facts {
    gss_name_t name;
    OM_uint32 lifetime; // of the initiator
    gss_cred_usage_t usage;
};

// An acceptor of any name is called as the first name of its keytab.
static enum obol_code acceptor_name(struct gssapi_part *part, gss_name_t *out, struct error *err) {
    if (part->accept_name) {
        struct gssapi_conf *conf = NULL;
        struct arena *a = gssapi_arena_take();
        struct principal p;
        ENSURE_MEMORY(a);
        enum obol_code code = gssapi_conf_get(&conf, err);
        if (code == OBOL_OK)
            code = gssapi_name_principal(part->accept_name, conf, a, &p, err);
        if (code == OBOL_OK)
            *out = gssapi_name_of_principal(&p, GSSAPI_KRB5);
        gssapi_conf_put(conf);
        gssapi_arena_give(a);
        return code;
    }
    struct gssapi_accept accept;
    TRY(part_accept(part, &accept, err));
    if (accept.keytab->content.count)
        *out = gssapi_name_of_principal(&accept.keytab->content.entries[0].principal, GSSAPI_KRB5);
    gssapi_accept_done(&accept);
    return OBOL_OK;
}

static enum obol_code facts_locked(struct gssapi_part *part, bool want_name, struct facts *f,
                                   struct error *err) {
    struct gssapi_conf *conf = NULL;
    *f = (struct facts){NULL, GSS_C_INDEFINITE, part->usage};
    if (part->usage != GSS_C_ACCEPT) {
        TRY(gssapi_conf_get(&conf, err));
        enum obol_code code = part_resolve(part, conf, err);
        gssapi_conf_put(conf);
        TRY(code);
        f->lifetime = part_lifetime(part);
    }
    if (!want_name)
        return OBOL_OK;
    if (part->name)
        f->name = gssapi_name_copy(part->name);
    else if (part->usage != GSS_C_INITIATE)
        return acceptor_name(part, &f->name, err);
    return OBOL_OK;
}

static OM_uint32 facts_of(OM_uint32 *minor, struct gssapi_part *part, bool want_name,
                          struct facts *f) {
    struct error err;
    error_init(&err);
    pthread_mutex_lock(&part->lock);
    enum obol_code code = facts_locked(part, want_name, f, &err);
    pthread_mutex_unlock(&part->lock);
    if (code != OBOL_OK)
        return gssapi_fail_as(minor, code == OBOL_NO_MEMORY ? GSS_S_FAILURE : GSS_S_NO_CRED, &err);
    if (f->lifetime == 0)
        return gssapi_refuse(minor, GSS_S_CREDENTIALS_EXPIRED, OBOL_CRED_EXPIRED, "%.*s",
                             SLICE_ARG(part->cache ? ccache_name(part->cache) : (struct slice){0}));
    return GSS_S_COMPLETE;
}

// The part that a question is about: the handle's first, or that of a mechanism; without a handle
// the default one.
static OM_uint32 part_asked(OM_uint32 *minor, gss_cred_id_t cred, unsigned mech,
                            struct gssapi_part **out) {
    if (cred && !gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (cred && mech) {
        *out = cred_part(cred, mech);
        return *out ? GSS_S_COMPLETE
                    : gssapi_refuse(minor, GSS_S_NO_CRED, OBOL_CRED_NOT_FOUND,
                                    "the credential is not for this mechanism");
    }
    if (cred && cred->count) {
        *out = cred->parts[0].part;
        part_hold(*out);
        return GSS_S_COMPLETE;
    }
    if (cred)
        return GSS_S_DEFECTIVE_CREDENTIAL;
    *out = part_new(GSS_C_INITIATE);
    if (!*out)
        return gssapi_no_memory(minor);
    (*out)->default_identity = true;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t cred, gss_name_t *name,
                           OM_uint32 *lifetime, gss_cred_usage_t *usage, gss_OID_set *mechs) {
    if (name)
        *name = GSS_C_NO_NAME;
    if (lifetime)
        *lifetime = 0;
    if (mechs)
        *mechs = GSS_C_NO_OID_SET;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    struct gssapi_part *part;
    OM_uint32 major = part_asked(minor, cred, 0, &part);
    if (major != GSS_S_COMPLETE)
        return major;
    struct facts f = {0};
    major = facts_of(minor, part, name != NULL, &f);
    part_drop(part);
    if (GSS_ERROR(major) && major != GSS_S_CREDENTIALS_EXPIRED)
        return major;
    if (mechs) {
        OM_uint32 made =
            gssapi_mechs_set(minor, cred ? gssapi_cred_mechs(cred) : GSSAPI_KRB5, mechs);
        if (made != GSS_S_COMPLETE) {
            gssapi_name_free(f.name);
            return made;
        }
    }
    if (name)
        *name = f.name;
    if (lifetime)
        *lifetime = f.lifetime;
    if (usage)
        *usage = f.usage;
    return major;
}

OM_uint32 gss_inquire_cred_by_mech(OM_uint32 *minor, gss_cred_id_t cred, gss_OID mech_oid,
                                   gss_name_t *name, OM_uint32 *initiator_lifetime,
                                   OM_uint32 *acceptor_lifetime, gss_cred_usage_t *usage) {
    if (name)
        *name = GSS_C_NO_NAME;
    if (initiator_lifetime)
        *initiator_lifetime = 0;
    if (acceptor_lifetime)
        *acceptor_lifetime = 0;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    unsigned mech = gssapi_mech_of(mech_oid);
    if (!mech)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "there are credentials for krb5, IAKERB and SPNEGO");
    struct gssapi_part *part;
    OM_uint32 major = part_asked(minor, cred, mech, &part);
    if (major != GSS_S_COMPLETE)
        return major;
    struct facts f = {0};
    major = facts_of(minor, part, name != NULL, &f);
    part_drop(part);
    if (GSS_ERROR(major) && major != GSS_S_CREDENTIALS_EXPIRED)
        return major;
    if (name)
        *name = f.name;
    if (initiator_lifetime && f.usage != GSS_C_ACCEPT)
        *initiator_lifetime = f.lifetime;
    if (acceptor_lifetime && f.usage != GSS_C_INITIATE)
        *acceptor_lifetime = f.usage == GSS_C_ACCEPT ? GSS_C_INDEFINITE : f.lifetime;
    if (usage)
        *usage = f.usage;
    return major;
}

OM_uint32 gss_inquire_cred_by_oid(OM_uint32 *minor, gss_cred_id_t cred, gss_OID object,
                                  gss_buffer_set_t *out) {
    if (out)
        *out = GSS_C_NO_BUFFER_SET;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!object)
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!gss_oid_equal(object, GSS_KRB5_GET_CRED_IMPERSONATOR))
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "the OID asks nothing that a credential answers");
    struct gssapi_part *part = cred_part_for(cred, GSS_C_INITIATE);
    char *who = NULL;
    if (part) {
        pthread_mutex_lock(&part->lock);
        who = part->impersonator ? strdup(part->impersonator) : NULL;
        pthread_mutex_unlock(&part->lock);
    }
    part_drop(part);
    OM_uint32 major = gss_create_empty_buffer_set(minor, out);
    if (major == GSS_S_COMPLETE && who) {
        gss_buffer_desc b = {strlen(who), who};
        major = gss_add_buffer_set_member(minor, &b, out);
    }
    free(who);
    return major;
}

OM_uint32 gss_set_cred_option(OM_uint32 *minor, gss_cred_id_t *cred, gss_OID object,
                              gss_buffer_t value) {
    if (gssapi_begin(minor) || !cred)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    return gssspi_set_cred_option(minor, *cred, object, value);
}

OM_uint32 gssspi_set_cred_option(OM_uint32 *minor, gss_cred_id_t cred, gss_OID object,
                                 gss_buffer_t value) {
    UNUSED(value);
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!object)
        return GSS_S_CALL_INACCESSIBLE_READ;
    if (!gss_oid_equal(object, GSS_KRB5_CRED_NO_CI_FLAGS_X))
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "the OID names no option of credentials");
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    for (size_t i = 0; i < cred->count; i++) {
        pthread_mutex_lock(&cred->parts[i].part->lock);
        cred->parts[i].part->no_ci_flags = true;
        pthread_mutex_unlock(&cred->parts[i].part->lock);
    }
    return GSS_S_COMPLETE;
}

OM_uint32 gss_set_neg_mechs(OM_uint32 *minor, gss_cred_id_t cred, gss_OID_set mechs) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!mechs || (mechs->count && !mechs->elements))
        return GSS_S_CALL_INACCESSIBLE_READ;
    unsigned list[CRED_PARTS_MAX] = {0};
    size_t count = 0;
    for (size_t i = 0; i < mechs->count; i++) {
        unsigned mech = gssapi_mech_of(&mechs->elements[i]);
        bool again = mech == GSSAPI_SPNEGO; // RFC 4178 4.2.1: it does not negotiate itself
        for (size_t j = 0; j < count; j++)
            again = again || list[j] == mech;
        if (mech && !again)
            list[count++] = mech;
    }
    if (!count)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "SPNEGO can choose krb5 and IAKERB here, none of which is listed");
    pthread_mutex_lock(&cred->lock);
    memcpy(cred->neg, list, sizeof list);
    cred->neg_count = count;
    cred->neg_set = true;
    pthread_mutex_unlock(&cred->lock);
    return GSS_S_COMPLETE;
}

// gss_krb5_set_allowable_enctypes is MIT krb5's; its types are those of krb5.h.
OM_uint32 gss_krb5_set_allowable_enctypes(OM_uint32 *minor, gss_cred_id_t cred, OM_uint32 count,
                                          int32_t *etypes);
OM_uint32 gss_krb5_set_allowable_enctypes(OM_uint32 *minor, gss_cred_id_t cred, OM_uint32 count,
                                          int32_t *etypes) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (count && !etypes)
        return GSS_S_CALL_INACCESSIBLE_READ;
    int32_t list[PART_ETYPES_MAX] = {0};
    size_t kept = 0;
    for (OM_uint32 i = 0; i < count && etypes[i]; i++)
        if (enctype_find(etypes[i]) && kept < COUNT_OF(list))
            list[kept++] = etypes[i];
    if (count && !kept)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_ENCTYPE_UNSUPPORTED,
                             "none of the %u encryption types is known here", count);
    for (size_t i = 0; i < cred->count; i++) {
        struct gssapi_part *part = cred->parts[i].part;
        pthread_mutex_lock(&part->lock);
        memcpy(part->etypes, list, sizeof list);
        part->etype_count = kept;
        pthread_mutex_unlock(&part->lock);
    }
    return GSS_S_COMPLETE;
}
