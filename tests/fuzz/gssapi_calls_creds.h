// gssapi_calls_creds.h: the calls of fuzz_gssapi_calls.c on credentials.
#ifndef OBOL_TESTS_FUZZ_GSSAPI_CALLS_CREDS_H
#define OBOL_TESTS_FUZZ_GSSAPI_CALLS_CREDS_H

#include "gssapi_calls_world.h"

// Of initiating, accepting, both, and what is none of them.
static inline gss_cred_usage_t usage_in(struct play *p) {
    return next(p) % 4;
}

// The places that a program may name; none is on disk.
static inline gss_const_key_value_set_t store_in(struct play *p) {
    static gss_key_value_element_desc pairs[][2] = {
        {{"ccache", WORLD_CACHE}, {"keytab", WORLD_KEYTAB}},
        {{"keytab", WORLD_KEYTAB}, {"rcache", "none:"}},
        {{"ccache", WORLD_STORE}, {"client_keytab", WORLD_KEYTAB}},
        {{"ccache", "MEMORY:calls-none"}, {"keytab", "MEMORY:calls-none"}},
        {{"password", "correct horse"}, {"ccache", WORLD_STORE}},
        {{"ccache", WORLD_CACHE}, {"ccache", WORLD_CACHE}},
        {{"ccache", "NOKIND:x"}, {"verify", "HTTP"}},
        {{"nothing", "x"}, {NULL, NULL}},
    };
    static gss_key_value_set_desc set;
    uint8_t arg = next(p);
    if (arg & ARG_NONE)
        return GSS_C_NO_CRED_STORE;
    set = (gss_key_value_set_desc){1 + (arg >> 6 & 1), pairs[arg % COUNT_OF(pairs)]};
    return &set;
}

// What the acquiring calls have in common.
struct asked {
    gss_name_t name;
    gss_OID_set mechs;
    gss_cred_usage_t usage;
    OM_uint32 time, *time_rec, time_said;
    struct cred_out cred;
    struct set_out actual;
    gss_cred_id_t *out;
    gss_OID_set *actual_out;
};
static inline void asked_in(struct play *p, struct asked *q) {
    *q = (struct asked){.name = name_in(p), .mechs = set_in(p), .usage = usage_in(p)};
    q->out = cred_want(p, &q->cred);
    q->actual_out = set_want(p, &q->actual);
    q->time = q->out ? GSS_C_INDEFINITE : 0;
    q->time_rec = q->actual_out ? &q->time_said : NULL;
}
static inline void asked_take(struct play *p, struct asked *q, OM_uint32 major) {
    done(p, major);
    must_hold(GSS_ERROR(major) || !q->out || q->cred.value);
    cred_take(p, &q->cred, major);
    set_take(p, &q->actual, major);
}

static inline void call_acquire(struct play *p) {
    struct asked q;
    asked_in(p, &q);
    asked_take(
        p, &q,
        gss_acquire_cred(p->m, q.name, q.time, q.mechs, q.usage, q.out, q.actual_out, q.time_rec));
}
static inline void call_acquire_from(struct play *p) {
    struct asked q;
    asked_in(p, &q);
    asked_take(p, &q,
               gss_acquire_cred_from(p->m, q.name, q.time, q.mechs, q.usage, store_in(p), q.out,
                                     q.actual_out, q.time_rec));
}
static inline void call_acquire_password(struct play *p) {
    struct asked q;
    gss_buffer_desc hold;
    asked_in(p, &q);
    gss_buffer_t password = bytes_in(p, &hold);
    asked_take(p, &q,
               gss_acquire_cred_with_password(p->m, q.name, password, q.time, q.mechs, q.usage,
                                              q.out, q.actual_out, q.time_rec));
}
static inline void call_impersonate(struct play *p) {
    struct asked q;
    asked_in(p, &q);
    gss_cred_id_t by = cred_in(p);
    asked_take(p, &q,
               gss_acquire_cred_impersonate_name(p->m, by, q.name, q.time, q.mechs, q.usage, q.out,
                                                 q.actual_out, q.time_rec));
}

// Without an output the credential that is given is added to, and stays as it was if that fails.
static inline void call_add_cred(struct play *p) {
    struct asked q;
    gss_buffer_desc hold;
    OM_uint32 life[2], major;
    uint8_t how = next(p);
    gss_cred_id_t to = cred_in(p);
    asked_in(p, &q);
    gss_OID mech = oid_in(p);
    if (how % 4 == 0)
        major = gss_add_cred(p->m, to, q.name, mech, q.usage, 0, 0, q.out, q.actual_out, &life[0],
                             &life[1]);
    else if (how % 4 == 1)
        major = gss_add_cred_from(p->m, to, q.name, mech, q.usage, 0, 0, store_in(p), q.out,
                                  q.actual_out, &life[0], &life[1]);
    else if (how % 4 == 2)
        major = gss_add_cred_with_password(p->m, to, q.name, mech, bytes_in(p, &hold), q.usage, 0,
                                           0, q.out, q.actual_out, &life[0], &life[1]);
    else
        major = gss_add_cred_impersonate_name(p->m, to, cred_in(p), q.name, mech, q.usage, 0, 0,
                                              q.out, q.actual_out, &life[0], &life[1]);
    asked_take(p, &q, major);
}

static inline void call_inquire_cred(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    struct name_out name;
    struct set_out mechs;
    OM_uint32 life = 7;
    gss_cred_usage_t usage = 7;
    gss_name_t *n = name_want(p, &name);
    gss_OID_set *s = set_want(p, &mechs);
    OM_uint32 major = done(p, gss_inquire_cred(p->m, cred, n, &life, &usage, s));
    must_hold(GSS_ERROR(major) || (usage >= 0 && usage <= 2));
    name_take(p, &name, major);
    set_take(p, &mechs, major);
}
static inline void call_inquire_cred_by_mech(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    gss_OID mech = oid_in(p);
    struct name_out name;
    OM_uint32 life[2];
    gss_cred_usage_t usage = 7;
    gss_name_t *n = name_want(p, &name);
    OM_uint32 major =
        done(p, gss_inquire_cred_by_mech(p->m, cred, mech, n, &life[0], &life[1], &usage));
    must_hold(GSS_ERROR(major) || (usage >= 0 && usage <= 2));
    name_take(p, &name, major);
}

// A set of buffers that a question is answered with.
static inline void answer_take(gss_buffer_set_t set, OM_uint32 major) {
    OM_uint32 minor;
    must_hold((void *)set != &POISON && (!GSS_ERROR(major) || !set));
    must_hold(gss_release_buffer_set(&minor, &set) == GSS_S_COMPLETE && !set);
}
static inline void call_inquire_cred_by_oid(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    gss_OID oid = oid_in(p);
    gss_buffer_set_t set = (gss_buffer_set_t)(uintptr_t)&POISON;
    OM_uint32 major = done(p, gss_inquire_cred_by_oid(p->m, cred, oid, &set));
    answer_take(set, major);
}
static inline void call_set_cred_option(struct play *p) {
    uint8_t arg = next(p);
    gss_OID oid = oid_in(p);
    gss_buffer_desc hold;
    gss_cred_id_t *cred = arg & ARG_NONE ? NULL : &p->creds[arg % SLOTS];
    done(p, gss_set_cred_option(p->m, cred, oid, bytes_in(p, &hold)));
}
static inline void call_set_neg_mechs(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    done(p, gss_set_neg_mechs(p->m, cred, set_in(p)));
}
static inline void call_allow_enctypes(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    krb5_enctype types[] = {20, 18, 17, 19, 23, 0, -1, 12345};
    OM_uint32 count = next(p) % (COUNT_OF(types) + 1);
    done(p, gss_krb5_set_allowable_enctypes(p->m, cred, count, next(p) & ARG_NONE ? NULL : types));
}

static inline void call_export_cred(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    struct buffer_out o;
    OM_uint32 major = done(p, gss_export_cred(p->m, cred, buffer_want(p, &o)));
    buffer_take(p, &o, major)->is_cred = !GSS_ERROR(major);
}
// Bytes of the fuzzer's own would name files to be opened: fuzz_gssapi_cred reads those. What was
// exported here can be imported.
static inline void call_import_cred(struct play *p) {
    gss_buffer_desc hold;
    struct cred_out o;
    uint8_t arg = next(p);
    struct bytes *slot = bytes_at(p, arg);
    gss_buffer_t in = slot ? &hold : GSS_C_NO_BUFFER;
    hold = slot && slot->is_cred ? slot->b : (gss_buffer_desc){0};
    gss_cred_id_t *out = cred_want(p, &o);
    OM_uint32 major = done(p, gss_import_cred(p->m, in, out));
    must_hold(!GSS_ERROR(major) || !p->m || !out || !hold.length);
    cred_take(p, &o, major);
}

static inline void call_store_cred(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    gss_cred_usage_t usage = usage_in(p), said = 7;
    gss_OID mech = oid_in(p);
    uint8_t how = next(p);
    struct set_out o;
    gss_OID_set *set = set_want(p, &o);
    p->stored = true;
    OM_uint32 major =
        done(p, gss_store_cred(p->m, cred, usage, mech, how & 1, how >> 1 & 1, set, &said));
    set_take(p, &o, major);
}
static inline void call_store_cred_into(struct play *p) {
    gss_cred_id_t cred = cred_in(p);
    gss_cred_usage_t usage = usage_in(p), said = 7;
    gss_OID mech = oid_in(p);
    uint8_t how = next(p);
    struct set_out o;
    gss_OID_set *set = set_want(p, &o);
    p->stored = true;
    OM_uint32 major = done(p, gss_store_cred_into(p->m, cred, usage, mech, how & 1, how >> 1 & 1,
                                                  store_in(p), set, &said));
    set_take(p, &o, major);
}

static inline void call_release_cred(struct play *p) {
    uint8_t arg = next(p);
    gss_cred_id_t *cred = arg & ARG_NONE ? NULL : &p->creds[arg % SLOTS];
    OM_uint32 major = done(p, gss_release_cred(p->m, cred));
    must_hold(GSS_ERROR(major) || !cred || !*cred);
}

#endif
