// fuzz_gssapi_calls.c: sequences of calls of the GSS-API, as the input says: up to 40, each with
// its arguments out of a table of names, credentials, contexts, OID sets and buffers, where any may
// be missing, and any may have been released before the others that were made of it. Whatever the
// order, nothing is read that is gone, outputs of failed calls are empty, names come back as they
// went, messages too, and every handle that is left can be released.
#include "gssapi_calls.h"
#include "gssapi_calls_creds.h"
#include "gssapi_calls_names.h"
#include "gssapi_calls_world.h"

#define CALLS_MAX  40
#define PIECES_MAX 7

int LLVMFuzzerInitialize(int *argc, char ***argv);

// ---- contexts

static gss_ctx_id_t *ctx_place(struct play *p) {
    uint8_t arg = next(p);
    return arg & ARG_NONE ? NULL : &p->ctxs[arg % SLOTS];
}

static gss_channel_bindings_t bindings_in(struct play *p) {
    static struct gss_channel_bindings_struct some[] = {
        {.application_data = {10, (void *)"tls-unique"}},
        {GSS_C_AF_INET, {4, (void *)"\x7f\0\0\1"}, GSS_C_AF_NULLADDR, {0, NULL}, {0, NULL}},
        {0},
    };
    uint8_t arg = next(p);
    return arg % 4 == 0 ? GSS_C_NO_CHANNEL_BINDINGS : &some[arg % 4 - 1];
}

static void call_init(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    bool was = ctx && *ctx;
    gss_cred_id_t cred = cred_in(p);
    gss_name_t target = name_in(p);
    gss_OID mech = oid_in(p), actual = &STRANGE_OID;
    OM_uint32 flags = reader_be16(&p->in), given = 7, life = 7;
    gss_channel_bindings_t bindings = bindings_in(p);
    gss_buffer_desc hold = {0};
    gss_buffer_t in = bytes_in(p, &hold);
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major = done(p, gss_init_sec_context(p->m, cred, ctx, target, mech, flags, 0,
                                                   bindings, in, &actual, out, &given, &life));
    must_hold(actual != &STRANGE_OID);
    must_hold(!ctx || GSS_ERROR(major) ? !ctx || was == (*ctx != NULL) : *ctx != NULL);
    token_take(p, &o);
}

static void call_accept(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    bool was = ctx && *ctx;
    gss_cred_id_t cred = cred_in(p);
    gss_buffer_desc hold = {0};
    gss_buffer_t in = bytes_in(p, &hold);
    gss_channel_bindings_t bindings = bindings_in(p);
    gss_OID mech = &STRANGE_OID;
    OM_uint32 flags = 7, life = 7;
    struct name_out source;
    struct buffer_out o;
    struct cred_out delegated;
    gss_name_t *s = name_want(p, &source);
    gss_buffer_t out = buffer_want(p, &o);
    gss_cred_id_t *d = cred_want(p, &delegated);
    OM_uint32 major = done(
        p, gss_accept_sec_context(p->m, ctx, cred, in, bindings, s, &mech, out, &flags, &life, d));
    must_hold(mech != &STRANGE_OID);
    must_hold(!ctx || GSS_ERROR(major) ? !ctx || was == (*ctx != NULL) : *ctx != NULL);
    must_hold(major != GSS_S_COMPLETE || !s || source.value);
    token_take(p, &o);
    name_take(p, &source, major);
    cred_take(p, &delegated, major);
}

// What one end of two that stand says, the other understands.
static void message_passes(gss_ctx_id_t from, gss_ctx_id_t to) {
    OM_uint32 minor;
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"}, token, out;
    must_hold(gss_wrap(&minor, from, 1, 0, &text, NULL, &token) == GSS_S_COMPLETE);
    must_hold(gss_unwrap(&minor, to, &token, &out, NULL, NULL) == GSS_S_COMPLETE);
    must_hold(out.length == 4 && memcmp(out.value, "text", 4) == 0);
    must_hold(gss_release_buffer(&minor, &token) == GSS_S_COMPLETE);
    must_hold(gss_release_buffer(&minor, &out) == GSS_S_COMPLETE);
}

// Both ends of a context by one call of the input, so that it is reached often.
static void call_handshake(struct play *p) {
    gss_ctx_id_t *i = &p->ctxs[next(p) % SLOTS], *a = &p->ctxs[next(p) % SLOTS];
    gss_cred_id_t from = cred_in(p), to = cred_in(p);
    gss_name_t target = name_in(p);
    gss_OID mech = oid_in(p);
    OM_uint32 flags = reader_be16(&p->in), minor, of_i = GSS_S_CONTINUE_NEEDED, of_a = of_i;
    gss_channel_bindings_t bindings[] = {bindings_in(p), bindings_in(p)};
    gss_buffer_desc to_a = {0, NULL}, to_i = {0, NULL};
    if (i == a)
        return;
    ctx_drop(i);
    ctx_drop(a);
    for (int n = 0; n < 6 && (of_i | of_a) == GSS_S_CONTINUE_NEEDED; n++) {
        if (of_i)
            of_i = gss_init_sec_context(&minor, from, i, target, mech, flags, 0, bindings[0], &to_i,
                                        NULL, &to_a, NULL, NULL);
        must_hold(gss_release_buffer(&minor, &to_i) == GSS_S_COMPLETE);
        if (of_a && !GSS_ERROR(of_i))
            of_a = gss_accept_sec_context(&minor, a, to, &to_a, bindings[1], NULL, NULL, &to_i,
                                          NULL, NULL, NULL);
        must_hold(gss_release_buffer(&minor, &to_a) == GSS_S_COMPLETE);
    }
    must_hold(gss_release_buffer(&minor, &to_i) == GSS_S_COMPLETE);
    if (of_i || of_a)
        return;
    message_passes(*i, *a);
    message_passes(*a, *i);
}

static void call_process_token(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    gss_buffer_desc hold;
    done(p, gss_process_context_token(p->m, ctx, bytes_in(p, &hold)));
}
static void call_delete(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    struct buffer_out o;
    OM_uint32 major = done(p, gss_delete_sec_context(p->m, ctx, buffer_want(p, &o)));
    must_hold(GSS_ERROR(major) || !ctx || !*ctx);
    if (p->m)
        buffer_take(p, &o, major);
}
static void call_context_time(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    OM_uint32 life = 7;
    OM_uint32 major = done(p, gss_context_time(p->m, ctx, &life));
    must_hold(GSS_ERROR(major) || life > 0);
}
static void call_inquire_context(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    struct name_out source, target;
    OM_uint32 life = 7, flags = 7;
    gss_OID mech = &STRANGE_OID;
    int here = 7, open = 7;
    gss_name_t *s = name_want(p, &source), *t = name_want(p, &target);
    OM_uint32 major =
        done(p, gss_inquire_context(p->m, ctx, s, t, &life, &mech, &flags, &here, &open));
    must_hold(mech != &STRANGE_OID && (GSS_ERROR(major) || (!(here & ~1) && !(open & ~1))));
    name_take(p, &source, major);
    name_take(p, &target, major);
}
static void call_export_context(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    bool was = ctx && *ctx;
    struct buffer_out o;
    OM_uint32 major = done(p, gss_export_sec_context(p->m, ctx, buffer_want(p, &o)));
    must_hold(!ctx || (*ctx != NULL) == (was && GSS_ERROR(major)));
    buffer_take(p, &o, major);
}
static void call_import_context(struct play *p) {
    gss_buffer_desc hold;
    struct ctx_out o;
    gss_buffer_t in = bytes_in(p, &hold);
    ctx_take(p, &o, done(p, gss_import_sec_context(p->m, in, ctx_want(p, &o))));
}
static void call_context_by_oid(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    gss_OID oid = oid_in(p);
    gss_buffer_set_t set = (gss_buffer_set_t)(uintptr_t)&POISON;
    OM_uint32 major = done(p, gss_inquire_sec_context_by_oid(p->m, ctx, oid, &set));
    answer_take(set, major);
}
static void call_set_context_option(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    gss_OID oid = oid_in(p);
    gss_buffer_desc hold;
    done(p, gss_set_sec_context_option(p->m, ctx, oid, bytes_in(p, &hold)));
}
static void call_lucid(struct play *p) {
    gss_ctx_id_t *ctx = ctx_place(p);
    bool was = ctx && *ctx;
    OM_uint32 minor, version = next(p) % 3;
    void *lucid = (void *)(uintptr_t)&POISON;
    OM_uint32 major = done(p, gss_krb5_export_lucid_sec_context(p->m, ctx, version, &lucid));
    must_hold(lucid != &POISON && (!GSS_ERROR(major) || !lucid));
    must_hold(!ctx || (*ctx != NULL) == (was && GSS_ERROR(major)));
    if (lucid)
        must_hold(gss_krb5_free_lucid_sec_context(&minor, lucid) == GSS_S_COMPLETE);
}
static void call_ticket_facts(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    krb5_flags flags;
    krb5_timestamp time;
    struct buffer_out o;
    done(p, gss_krb5_get_tkt_flags(p->m, ctx, &flags));
    done(p, gsskrb5_extract_authtime_from_sec_context(p->m, ctx, &time));
    int type = next(p);
    buffer_take(
        p, &o,
        done(p, gsskrb5_extract_authz_data_from_sec_context(p->m, ctx, type, buffer_want(p, &o))));
}

// ---- messages

static void call_get_mic(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    gss_qop_t qop = next(p) % 2;
    gss_buffer_desc hold;
    gss_buffer_t in = bytes_in(p, &hold);
    struct buffer_out o;
    buffer_take(p, &o, done(p, gss_get_mic(p->m, ctx, qop, in, buffer_want(p, &o))));
}
static void call_verify_mic(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    gss_buffer_desc hold[2];
    gss_qop_t qop = 7;
    gss_buffer_t message = bytes_in(p, &hold[0]), token = bytes_in(p, &hold[1]);
    done(p, gss_verify_mic(p->m, ctx, message, token, &qop));
}
static void wrap_any(struct play *p, bool aead) {
    gss_ctx_id_t ctx = ctx_in(p);
    uint8_t how = next(p);
    int sealed = 7;
    gss_buffer_desc hold[2];
    gss_buffer_t in = bytes_in(p, &hold[0]), beside = aead ? bytes_in(p, &hold[1]) : NULL;
    uint64_t said = in ? hash(in) : 0;
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major =
        aead ? gss_wrap_aead(p->m, ctx, how & 1, how >> 1 & 1, beside, in, &sealed, out)
             : gss_wrap(p->m, ctx, how & 1, how >> 1 & 1, in, &sealed, out);
    must_hold(GSS_ERROR(done(p, major)) || sealed == (how & 1));
    buffer_take(p, &o, major)->sealed = said;
}
static void unwrap_any(struct play *p, bool aead) {
    gss_ctx_id_t ctx = ctx_in(p);
    int sealed = 7;
    gss_qop_t qop = 7;
    gss_buffer_desc hold[2];
    uint8_t arg = next(p);
    gss_buffer_t in = bytes_of(p, arg, &hold[0]), beside = aead ? bytes_in(p, &hold[1]) : NULL;
    uint64_t said = bytes_at(p, arg) ? bytes_at(p, arg)->sealed : 0;
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major = aead ? gss_unwrap_aead(p->m, ctx, in, beside, out, &sealed, &qop)
                           : gss_unwrap(p->m, ctx, in, out, &sealed, &qop);
    must_hold(GSS_ERROR(done(p, major)) || !said || !out || hash(out) == said);
    buffer_take(p, &o, major);
}
static void call_wrap(struct play *p) {
    wrap_any(p, false);
}
static void call_unwrap(struct play *p) {
    unwrap_any(p, false);
}
static void call_wrap_aead(struct play *p) {
    wrap_any(p, true);
}
static void call_unwrap_aead(struct play *p) {
    unwrap_any(p, true);
}

// What is said to fit into so many bytes does.
static void call_size_limit(struct play *p) {
    static const uint8_t zeros[1024];
    gss_ctx_id_t ctx = ctx_in(p);
    int conf = next(p) & 1;
    OM_uint32 minor, room = reader_be16(&p->in) % sizeof zeros, fits = 0;
    OM_uint32 major = done(p, gss_wrap_size_limit(p->m, ctx, conf, 0, room, &fits));
    gss_buffer_desc in = {fits, (void *)(uintptr_t)zeros}, out;
    must_hold(fits <= room);
    if (GSS_ERROR(major) || !fits || gss_wrap(&minor, ctx, conf, 0, &in, NULL, &out))
        return;
    must_hold(out.length <= room);
    must_hold(gss_release_buffer(&minor, &out) == GSS_S_COMPLETE);
}
static void call_pseudo_random(struct play *p) {
    gss_ctx_id_t ctx = ctx_in(p);
    int key = next(p) % 3;
    gss_buffer_desc hold;
    gss_buffer_t in = bytes_in(p, &hold);
    ssize_t wanted = (ssize_t)next(p) - 1;
    struct buffer_out o;
    gss_buffer_t out = buffer_want(p, &o);
    OM_uint32 major = done(p, gss_pseudo_random(p->m, ctx, key, in, wanted, out));
    must_hold(GSS_ERROR(major) || !out || (ssize_t)out->length == wanted);
    buffer_take(p, &o, major);
}

// ---- messages in pieces

struct pieces {
    gss_iov_buffer_desc iov[PIECES_MAX];
    uint8_t *memory[PIECES_MAX]; // ours, of the exact length
    int count;
};

static void piece_room(struct pieces *v, int n, size_t len) {
    free(v->memory[n]);
    v->memory[n] = malloc(len);
    must_hold(v->memory[n] || !len);
    if (len)
        memset(v->memory[n], n, len);
    v->iov[n].buffer = (gss_buffer_desc){len, v->memory[n]};
}

static void pieces_in(struct play *p, struct pieces *v) {
    static const OM_uint32 types[] = {
        GSS_IOV_BUFFER_TYPE_DATA,
        GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE,
        GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE,
        GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE,
        GSS_IOV_BUFFER_TYPE_SIGN_ONLY,
        GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE,
        GSS_IOV_BUFFER_TYPE_HEADER,
        GSS_IOV_BUFFER_TYPE_PADDING,
        GSS_IOV_BUFFER_TYPE_TRAILER,
        GSS_IOV_BUFFER_TYPE_MIC_TOKEN,
        GSS_IOV_BUFFER_TYPE_STREAM,
        GSS_IOV_BUFFER_TYPE_DATA | GSS_IOV_BUFFER_FLAG_ALLOCATE,
        GSS_IOV_BUFFER_TYPE_EMPTY,
        GSS_IOV_BUFFER_TYPE_MECH_PARAMS,
    };
    *v = (struct pieces){.count = next(p) % (PIECES_MAX + 1)};
    for (int n = 0; n < v->count; n++) {
        v->iov[n].type = types[next(p) % COUNT_OF(types)];
        if (!(v->iov[n].type & GSS_IOV_BUFFER_FLAG_ALLOCATE))
            piece_room(v, n, next(p));
    }
}

// The pieces whose length the library has said get that room.
static void pieces_fit(struct pieces *v) {
    for (int n = 0; n < v->count; n++) {
        OM_uint32 type = v->iov[n].type;
        if (v->memory[n] && type != GSS_IOV_BUFFER_TYPE_DATA &&
            type != GSS_IOV_BUFFER_TYPE_SIGN_ONLY) {
            must_hold(v->iov[n].buffer.length < 1024);
            piece_room(v, n, v->iov[n].buffer.length);
        }
    }
}

static void pieces_clear(struct pieces *v) {
    OM_uint32 minor;
    must_hold(!v->count || gss_release_iov_buffer(&minor, v->iov, v->count) == GSS_S_COMPLETE);
    for (int n = 0; n < v->count; n++)
        free(v->memory[n]);
}

// DATA that was sealed and opened is what it was.
static void pieces_same(const struct pieces *v) {
    for (int n = 0; n < v->count; n++)
        for (size_t k = 0;
             v->iov[n].type == GSS_IOV_BUFFER_TYPE_DATA && k < v->iov[n].buffer.length; k++)
            must_hold(v->memory[n][k] == n);
}

static OM_uint32 pieces_protect(struct play *p, gss_ctx_id_t ctx, uint8_t how, struct pieces *v) {
    int conf = how & 1, sealed = 7;
    bool mic = how & 2;
    if (how & 4) {
        OM_uint32 major = mic ? gss_get_mic_iov_length(p->m, ctx, 0, v->iov, v->count)
                              : gss_wrap_iov_length(p->m, ctx, conf, 0, &sealed, v->iov, v->count);
        if (!GSS_ERROR(done(p, major)))
            pieces_fit(v);
    }
    return done(p, mic ? gss_get_mic_iov(p->m, ctx, 0, v->iov, v->count)
                       : gss_wrap_iov(p->m, ctx, conf, 0, &sealed, v->iov, v->count));
}

static void call_iov(struct play *p) {
    gss_ctx_id_t from = ctx_in(p), to = ctx_in(p);
    uint8_t how = next(p);
    struct bytes *token = &p->buffers[next(p) % BUFFERS];
    struct pieces v;
    gss_qop_t qop = 7;
    int sealed = 7;
    pieces_in(p, &v);
    if (how & 8 && v.count && token->b.length) { // a whole token, to be opened in its place
        v.iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
        piece_room(&v, 0, token->b.length);
        memcpy(v.memory[0], token->b.value, token->b.length);
    }
    OM_uint32 protected = how & 8 ? GSS_S_FAILURE : pieces_protect(p, from, how, &v);
    OM_uint32 major = how & 2 ? gss_verify_mic_iov(p->m, to, &qop, v.iov, v.count)
                              : gss_unwrap_iov(p->m, to, &sealed, &qop, v.iov, v.count);
    if (!GSS_ERROR(done(p, major)) && !GSS_ERROR(protected))
        pieces_same(&v);
    pieces_clear(&v);
}

// krb5.conf is read again, and what was read before goes.
static void call_configuration(struct play *p) {
    world_conf(next(p));
    p->configured = true;
}

// ---- one input

static void (*const CALL_TABLE[])(struct play *p) = {
#define X(name) call_##name,
    CALLS(X)
#undef X
};

static void play_end(struct play *p) {
    for (size_t i = 0; i < SLOTS; i++) {
        name_drop(&p->names[i]);
        cred_drop(&p->creds[i]);
        ctx_drop(&p->ctxs[i]);
        set_drop(&p->sets[i]);
    }
    for (size_t i = 0; i < BUFFERS; i++)
        buffer_drop(&p->buffers[i]);
    if (p->stored)
        world_cache();
    if (p->configured)
        world_conf(0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    UNUSED(argc);
    UNUSED(argv);
    world_make();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct play p = {.in = reader_of(slice_of(data, size))};
    for (int i = 0; i < CALLS_MAX && reader_left(&p.in); i++) {
        uint8_t call = next(&p);
        p.minor = 0;
        p.m = (call & CALL_NO_MINOR) == CALL_NO_MINOR ? NULL : &p.minor;
        if ((call & CALL_MASK) < CALL_COUNT)
            CALL_TABLE[call & CALL_MASK](&p);
    }
    play_end(&p);
    return 0;
}
