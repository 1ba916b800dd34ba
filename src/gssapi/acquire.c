// acquire.c: the calls that acquire credentials (RFC 2744 5.2, 5.3; MIT krb5's credential stores
// and passwords). krb5 under its three OIDs, IAKERB and SPNEGO share one part, for they use the
// same tickets and keys.
#include "gssapi/part.h"
#include "gssapi/status.h"
#include <stdlib.h>

#define DEFAULT_MECHS (GSSAPI_KRB5 | GSSAPI_SPNEGO) // RFC 5587: none that must be asked for by name

static bool usage_valid(gss_cred_usage_t usage) {
    return usage == GSS_C_ACCEPT || usage == GSS_C_INITIATE || usage == GSS_C_BOTH;
}

static OM_uint32 bad_usage(OM_uint32 *minor, gss_cred_usage_t usage) {
    return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                         "%d is no use of credentials (0: both, 1: initiate, 2: accept)", usage);
}

static const struct {
    const char *key;
    size_t offset;
} store_keys[] = {
    {"ccache", offsetof(struct gssapi_places, ccache)},
    {"client_keytab", offsetof(struct gssapi_places, client_keytab)},
    {"keytab", offsetof(struct gssapi_places, keytab)},
    {"rcache", offsetof(struct gssapi_places, rcache)},
    {"verify", offsetof(struct gssapi_places, verify)},
};

static bool place_of(struct gssapi_places *out, const char *key, const char *value, bool *again) {
    for (size_t i = 0; i < COUNT_OF(store_keys); i++)
        if (strcmp(key, store_keys[i].key) == 0) {
            const char **place = (const char **)(void *)((char *)out + store_keys[i].offset);
            *again = *place != NULL;
            *place = value;
            return true;
        }
    if (strcmp(key, "password") != 0)
        return false;
    *again = out->password.ptr != NULL;
    out->password = slice_str(value);
    return true;
}

// A key twice is a duplicate; one that is not known is passed over, as it may be for another
// mechanism.
OM_uint32 cred_store_read(OM_uint32 *minor, gss_const_key_value_set_t store,
                          struct gssapi_places *out) {
    *out = (struct gssapi_places){0};
    if (store && store->count && !store->elements)
        return GSS_S_CALL_INACCESSIBLE_READ;
    for (OM_uint32 i = 0; store && i < store->count; i++) {
        const gss_key_value_element_desc *e = &store->elements[i];
        bool again = false;
        if (!e->key || !e->value)
            return GSS_S_CALL_INACCESSIBLE_READ;
        if (place_of(out, e->key, e->value, &again) && again)
            return gssapi_refuse(minor, GSS_S_DUPLICATE_ELEMENT, OBOL_EXISTS,
                                 "\"%s\" stands twice in the credential store", e->key);
    }
    return GSS_S_COMPLETE;
}

// What a call acquires.
struct request {
    const struct gss_name_struct *name;
    gss_cred_usage_t usage;
    struct gssapi_places places;
    unsigned mechs;
};

static OM_uint32 check_password(OM_uint32 *minor, const struct request *r) {
    // Who asks for proof must not go without it.
    if (r->places.verify && (!r->places.password.ptr || r->mechs == GSSAPI_IAKERB))
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "\"verify\" is for passwords that krb5 logs in with");
    if (!r->places.password.ptr)
        return GSS_S_COMPLETE;
    if (!r->name)
        return gssapi_refuse(minor, GSS_S_BAD_NAME, OBOL_NAME_MALFORMED,
                             "a password says nothing about whose it is: give a name");
    if (r->usage == GSS_C_ACCEPT || r->places.ccache || r->places.client_keytab)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "a password is for beginning contexts, and goes with no cache or "
                             "client keytab");
    return GSS_S_COMPLETE;
}

static OM_uint32 acquire_failed(OM_uint32 *minor, const struct error *err) {
    if (err->code == OBOL_NO_MEMORY || err->code == OBOL_CONFIG_SYNTAX)
        return gssapi_fail(minor, err);
    return gssapi_fail_as(minor, err->code == OBOL_NAME_MALFORMED ? GSS_S_BAD_NAME : GSS_S_NO_CRED,
                          err);
}

// Acquires for the mechanisms of the request and puts them into the handle.
static OM_uint32 acquire(OM_uint32 *minor, const struct request *r, struct gss_cred_id_struct *cred,
                         struct gssapi_part **part) {
    OM_uint32 major = check_password(minor, r);
    if (major != GSS_S_COMPLETE)
        return major;
    struct error err;
    error_init(&err);
    bool iakerb = r->mechs == GSSAPI_IAKERB;
    if (part_acquire(r->name, r->usage, &r->places, iakerb, part, &err) != OBOL_OK)
        return acquire_failed(minor, &err);
    for (unsigned mech = 1; mech <= GSSAPI_ALL_MECHS; mech <<= 1)
        if (r->mechs & mech) {
            part_hold(*part);
            cred_add(cred, mech, *part);
        }
    return GSS_S_COMPLETE;
}

// How long an initiator has: to be asked means that a default identity is made out.
static OM_uint32 lifetime_of(OM_uint32 *minor, struct gssapi_part *part, OM_uint32 *out) {
    *out = GSS_C_INDEFINITE;
    if (part->usage == GSS_C_ACCEPT)
        return GSS_S_COMPLETE;
    struct gssapi_conf *conf = NULL;
    struct error err;
    error_init(&err);
    pthread_mutex_lock(&part->lock);
    enum obol_code code = gssapi_conf_get(&conf, &err);
    if (code == OBOL_OK)
        code = part_resolve(part, conf, &err);
    *out = part_lifetime(part);
    pthread_mutex_unlock(&part->lock);
    gssapi_conf_put(conf);
    return code == OBOL_OK ? GSS_S_COMPLETE : acquire_failed(minor, &err);
}

static OM_uint32 acquire_new(OM_uint32 *minor, struct request *r, gss_cred_id_t *out,
                             gss_OID_set *mechs, OM_uint32 *time_rec) {
    struct gss_cred_id_struct *cred = cred_new();
    if (!cred)
        return gssapi_no_memory(minor);
    struct gssapi_part *part = NULL;
    OM_uint32 major = acquire(minor, r, cred, &part);
    if (major == GSS_S_COMPLETE && mechs)
        major = gssapi_mechs_set(minor, r->mechs, mechs);
    if (major == GSS_S_COMPLETE && time_rec)
        major = lifetime_of(minor, part, time_rec);
    part_drop(part);
    if (major == GSS_S_COMPLETE)
        *out = cred;
    else
        gssapi_cred_free(cred);
    return major;
}

static OM_uint32 begin_acquire(OM_uint32 *minor, gss_name_t name, gss_OID_set mechs,
                               gss_cred_usage_t usage, gss_cred_id_t *out, gss_OID_set *actual,
                               OM_uint32 *time_rec, struct request *r) {
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (actual)
        *actual = GSS_C_NO_OID_SET;
    if (time_rec)
        *time_rec = 0;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!usage_valid(usage))
        return bad_usage(minor, usage);
    if (name && !gssapi_is_name(name))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME;
    unsigned wanted = mechs ? gssapi_mechs_of(mechs) : DEFAULT_MECHS;
    if (!wanted)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "there are credentials for krb5, IAKERB and SPNEGO");
    *r = (struct request){.name = name, .usage = usage, .mechs = wanted};
    return GSS_S_COMPLETE;
}

OM_uint32 gss_acquire_cred_from(OM_uint32 *minor, gss_name_t name, OM_uint32 time_req,
                                gss_OID_set mechs, gss_cred_usage_t usage,
                                gss_const_key_value_set_t store, gss_cred_id_t *out,
                                gss_OID_set *actual, OM_uint32 *time_rec) {
    UNUSED(time_req); // RFC 2744 5.2: a wish; tickets live as long as krb5.conf and the KDC say
    struct request r = {0};
    OM_uint32 major = begin_acquire(minor, name, mechs, usage, out, actual, time_rec, &r);
    if (major == GSS_S_COMPLETE)
        major = cred_store_read(minor, store, &r.places);
    return major == GSS_S_COMPLETE ? acquire_new(minor, &r, out, actual, time_rec) : major;
}

OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t name, OM_uint32 time_req, gss_OID_set mechs,
                           gss_cred_usage_t usage, gss_cred_id_t *out, gss_OID_set *actual,
                           OM_uint32 *time_rec) {
    return gss_acquire_cred_from(minor, name, time_req, mechs, usage, NULL, out, actual, time_rec);
}

OM_uint32 gss_acquire_cred_with_password(OM_uint32 *minor, gss_name_t name, gss_buffer_t password,
                                         OM_uint32 time_req, gss_OID_set mechs,
                                         gss_cred_usage_t usage, gss_cred_id_t *out,
                                         gss_OID_set *actual, OM_uint32 *time_rec) {
    UNUSED(time_req);
    struct request r = {0};
    OM_uint32 major = begin_acquire(minor, name, mechs, usage, out, actual, time_rec, &r);
    if (major != GSS_S_COMPLETE)
        return major;
    if (!password || !password->value || !name)
        return GSS_S_CALL_INACCESSIBLE_READ | (name ? 0 : GSS_S_BAD_NAME);
    r.places.password = gssapi_slice(password);
    return acquire_new(minor, &r, out, actual, time_rec);
}

// ---- a mechanism more

struct gss_cred_id_struct *cred_copy_handle(struct gss_cred_id_struct *from) {
    struct gss_cred_id_struct *cred = cred_new();
    if (!cred)
        return NULL;
    pthread_mutex_lock(&from->lock);
    memcpy(cred->parts, from->parts, sizeof cred->parts);
    cred->count = from->count;
    cred->neg_set = from->neg_set;
    cred->neg_count = from->neg_count;
    memcpy(cred->neg, from->neg, sizeof cred->neg);
    for (size_t i = 0; i < cred->count; i++)
        part_hold(cred->parts[i].part);
    pthread_mutex_unlock(&from->lock);
    return cred;
}

// What a gss_add_cred call gives out.
struct added {
    gss_cred_id_t *out;
    gss_OID_set *actual;
    OM_uint32 *initiator_time, *acceptor_time;
};

static OM_uint32 begin_add(OM_uint32 *minor, gss_cred_id_t input, gss_name_t name, gss_OID mech,
                           gss_cred_usage_t usage, const struct added *a, struct request *r) {
    if (a->out)
        *a->out = GSS_C_NO_CREDENTIAL;
    if (a->actual)
        *a->actual = GSS_C_NO_OID_SET;
    if (a->initiator_time)
        *a->initiator_time = 0;
    if (a->acceptor_time)
        *a->acceptor_time = 0;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!input && !a->out) // RFC 2744 5.3: a default credential cannot be changed in place
        return GSS_S_CALL_INACCESSIBLE_WRITE | GSS_S_NO_CRED;
    if (input && !gssapi_is_cred(input))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!usage_valid(usage))
        return bad_usage(minor, usage);
    if (name && !gssapi_is_name(name))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME;
    *r = (struct request){.name = name, .usage = usage, .mechs = gssapi_mech_of(mech)};
    if (!r->mechs)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "there are credentials for krb5, IAKERB and SPNEGO");
    struct gssapi_part *there = input ? cred_part(input, r->mechs) : NULL;
    part_drop(there);
    return there ? gssapi_refuse(minor, GSS_S_DUPLICATE_ELEMENT, OBOL_EXISTS,
                                 "the credential has this mechanism already")
                 : GSS_S_COMPLETE;
}

static OM_uint32 add(OM_uint32 *minor, gss_cred_id_t input, struct request *r,
                     const struct added *a) {
    struct gss_cred_id_struct *cred = !input   ? cred_new()
                                      : a->out ? cred_copy_handle(input)
                                               : input;
    if (!cred)
        return gssapi_no_memory(minor);
    struct gssapi_part *part = NULL;
    OM_uint32 major = acquire(minor, r, cred, &part);
    if (major == GSS_S_COMPLETE && a->actual)
        major = gssapi_mechs_set(minor, gssapi_cred_mechs(cred), a->actual);
    if (major == GSS_S_COMPLETE && a->initiator_time && r->usage != GSS_C_ACCEPT)
        major = lifetime_of(minor, part, a->initiator_time);
    if (major == GSS_S_COMPLETE && a->acceptor_time && r->usage != GSS_C_INITIATE)
        *a->acceptor_time = GSS_C_INDEFINITE;
    part_drop(part);
    if (major == GSS_S_COMPLETE && a->out)
        *a->out = cred;
    else if (cred != input)
        gssapi_cred_free(cred);
    return major;
}

OM_uint32 gss_add_cred_from(OM_uint32 *minor, gss_cred_id_t input, gss_name_t name, gss_OID mech,
                            gss_cred_usage_t usage, OM_uint32 initiator_req, OM_uint32 acceptor_req,
                            gss_const_key_value_set_t store, gss_cred_id_t *out,
                            gss_OID_set *actual, OM_uint32 *initiator_rec,
                            OM_uint32 *acceptor_rec) {
    UNUSED(initiator_req);
    UNUSED(acceptor_req);
    const struct added a = {out, actual, initiator_rec, acceptor_rec};
    struct request r = {0};
    OM_uint32 major = begin_add(minor, input, name, mech, usage, &a, &r);
    if (major == GSS_S_COMPLETE)
        major = cred_store_read(minor, store, &r.places);
    return major == GSS_S_COMPLETE ? add(minor, input, &r, &a) : major;
}

OM_uint32 gss_add_cred(OM_uint32 *minor, gss_cred_id_t input, gss_name_t name, gss_OID mech,
                       gss_cred_usage_t usage, OM_uint32 initiator_req, OM_uint32 acceptor_req,
                       gss_cred_id_t *out, gss_OID_set *actual, OM_uint32 *initiator_rec,
                       OM_uint32 *acceptor_rec) {
    return gss_add_cred_from(minor, input, name, mech, usage, initiator_req, acceptor_req, NULL,
                             out, actual, initiator_rec, acceptor_rec);
}

OM_uint32 gss_add_cred_with_password(OM_uint32 *minor, gss_cred_id_t input, gss_name_t name,
                                     gss_OID mech, gss_buffer_t password, gss_cred_usage_t usage,
                                     OM_uint32 initiator_req, OM_uint32 acceptor_req,
                                     gss_cred_id_t *out, gss_OID_set *actual,
                                     OM_uint32 *initiator_rec, OM_uint32 *acceptor_rec) {
    UNUSED(initiator_req);
    UNUSED(acceptor_req);
    const struct added a = {out, actual, initiator_rec, acceptor_rec};
    struct request r = {0};
    OM_uint32 major = begin_add(minor, input, name, mech, usage, &a, &r);
    if (major != GSS_S_COMPLETE)
        return major;
    if (!password || !password->value || !name)
        return GSS_S_CALL_INACCESSIBLE_READ | (name ? 0 : GSS_S_BAD_NAME);
    r.places.password = gssapi_slice(password);
    return add(minor, input, &r, &a);
}

OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *cred) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!cred)
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!*cred)
        return GSS_S_COMPLETE;
    if (!gssapi_is_cred(*cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    struct gss_cred_id_struct *gone = *cred;
    *cred = GSS_C_NO_CREDENTIAL; // it may stand in the handle itself: see handles.h
    gssapi_cred_free(gone);
    return GSS_S_COMPLETE;
}
