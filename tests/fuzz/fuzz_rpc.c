// fuzz_rpc.c: ONC RPC under RPCSEC_GSS, both ends, which hold the keys of one context. The first
// byte chooses what the rest is: a record to the server, or to the client as the answer to a token
// or a call; what a client, or a server, sealed or signed for the other; or a stream of records.
#include "base/reader.h"
#include "fuzz.h"
#include "gss/message.h"
#include "gss/rpc_client.h"
#include "gss/rpc_record.h"
#include "gss/rpc_server.h"
#include "krb/seal.h"
#include "proto/codes.h"

enum { NOW = 1790000000, PROGRAM = 2112, VERSION = 2, PROCEDURE = 5, RECORD_MAX = 4096 };
enum choice { TO_SERVER, TO_CLIENT, TO_NEW_CLIENT, FROM_CLIENT, FROM_SERVER, STREAM, CHOICES };

static struct arena setup, arena;
static struct crypto_key *service_key;
static struct cred ticket;
static struct rpc_server server;
static struct rpc_client client, fresh; // with a context, and while it begins one
static uint8_t kept[4096], began[4096];
static size_t kept_len, began_len;
static uint8_t handle_bytes[RPC_HANDLE_BYTES];

static int64_t fuzz_now(void *ctx) {
    UNUSED(ctx);
    return INT64_C(1000000) * NOW;
}
static void fuzz_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    memset(out.ptr, 7, out.len);
}
static const struct env env = {NULL, fuzz_now, fuzz_random};

static enum obol_code find(void *ctx, const struct principal *service, int32_t etype, uint32_t kvno,
                           unsigned attempt, struct arena *a, struct crypto_key **key,
                           struct error *err) {
    UNUSED(ctx), UNUSED(service), UNUSED(kvno), UNUSED(a), UNUSED(err);
    *key = service_key;
    return attempt == 0 && etype == ENCTYPE_AES128_SHA256 ? OBOL_OK : OBOL_NOT_FOUND;
}
static const struct ap_key_source keys = {NULL, find, NULL};

static enum obol_code add(void *ctx, struct slice handle, struct slice name, struct slice bytes,
                          int64_t end, struct error *err) {
    UNUSED(ctx), UNUSED(name), UNUSED(end), UNUSED(err);
    memcpy(handle_bytes, handle.ptr, handle.len);
    memcpy(kept, bytes.ptr, kept_len = bytes.len);
    return OBOL_OK;
}
static bool take(void *ctx, struct slice handle, struct arena *a, struct slice *bytes) {
    UNUSED(ctx);
    return kept_len && slice_eq(handle, slice_of(handle_bytes, sizeof handle_bytes)) &&
           arena_copy(a, slice_of(kept, kept_len), bytes);
}
static void put(void *ctx, struct slice handle, struct slice bytes) {
    UNUSED(ctx), UNUSED(handle);
    if (bytes.len)
        memcpy(kept, bytes.ptr, bytes.len);
    kept_len = bytes.len;
}

static struct slice unmarked(struct slice sent) {
    return slice_sub(sent, RPC_RECORD_MARK, sent.len);
}

static void make_ticket(void) {
    static const uint8_t bytes[16] = "a key and ticket";
    struct principal alice, service;
    struct encryption_key key = {ENCTYPE_AES128_SHA256, slice_of(bytes, sizeof bytes)};
    struct slice realm = SLICE_LITERAL("OBOL.TEST");
    must_hold(!principal_parse(SLICE_LITERAL("alice"), realm, NT_UNKNOWN, &setup, &alice, NULL));
    must_hold(
        !principal_parse(SLICE_LITERAL("kadmin/admin"), realm, NT_UNKNOWN, &setup, &service, NULL));
    must_hold(!crypto_key_new(&service_key, key.keytype, key.keyvalue, NULL));
    const struct enc_ticket_part part = {.key = key,
                                         .crealm = realm,
                                         .cname = alice.name,
                                         .authtime = NOW - 60,
                                         .endtime = NOW + 3600};
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = realm, .sname = service.name};
    must_hold(!krb_seal(&TYPE_ENC_TICKET_PART, &part, service_key, KU_TICKET, 1, &env, &setup,
                        &t.enc_part, NULL));
    ticket = (struct cred){.client = alice, .server = service, .key = key, .endtime = part.endtime};
    must_hold(!der_encode(&TYPE_TICKET, &t, &setup, &ticket.ticket, NULL));
}

static void make_context(void) {
    static struct rpc_taken taken;
    const struct rpc_client_params params = {
        .ticket = &ticket, .program = PROGRAM, .version = VERSION};
    struct slice send;
    server = (struct rpc_server){.program = PROGRAM,
                                 .version = VERSION,
                                 .accept = {.keys = &keys, .clockskew = 300},
                                 .contexts = {NULL, add, take, put},
                                 .env = &env};
    must_hold(!rpc_client_start(&client, &params, &env, &setup, &send, NULL));
    fresh = client;
    must_hold(!rpc_server_take(&server, unmarked(send), &setup, &taken, NULL));
    must_hold(!rpc_client_establish(&client, taken.reply, &send, NULL) && client.established);
    memcpy(began, kept, began_len = kept_len);
}

static void to_server(struct slice record) {
    static struct rpc_taken taken;
    struct slice reply;
    struct rpc_reply read;
    enum obol_code code = rpc_server_take(&server, record, &arena, &taken, NULL);
    must_hold(!taken.is_call || (code == OBOL_OK && taken.known && !taken.reply.len));
    if (taken.is_call)
        must_hold(!rpc_server_answer(&server, &taken, RPC_SUCCESS, taken.arguments, &arena,
                                     &taken.reply, NULL));
    reply = taken.reply;
    must_hold(!reply.len || rpc_reply_read(reply, &read, NULL) == OBOL_OK);
    // Twice never.
    if (taken.is_call)
        must_hold(rpc_server_take(&server, record, &arena, &taken, NULL) == OBOL_KRB_AP_ERR_REPEAT);
}

// What the sealed or signed part of a body holds, made by whoever has the key.
static void write_body(struct gss_context *ctx, bool sealed, struct slice plain, struct writer *w) {
    struct slice mic;
    struct buf token = arena_buf(&arena, gss_message_wrap_length(ctx, true, plain.len));
    if (sealed) {
        must_hold(!gss_message_wrap(ctx, true, plain, token, &env, NULL));
        rpc_opaque_write(w, slice_of_buf(token));
    } else {
        must_hold(!gss_mic_make(ctx, plain, &arena, &mic, NULL));
        rpc_opaque_write(w, plain);
        rpc_opaque_write(w, mic);
    }
}

static void from_client(bool sealed, struct slice plain) {
    struct gss_context ctx = client.initiator.context;
    struct writer cred = writer_to_arena(&arena), w = writer_to_arena(&arena);
    struct rpc_auth verf = {.flavor = RPC_AUTH_GSS};
    rpc_gss_cred_write(&cred, &(struct rpc_gss_cred){.seq = 1,
                                                     .protection = sealed ? RPC_PROTECT_PRIVACY
                                                                          : RPC_PROTECT_INTEGRITY,
                                                     .handle = client.handle});
    const struct rpc_call call = {.rpc_version = RPC_VERSION,
                                  .program = PROGRAM,
                                  .version = VERSION,
                                  .procedure = PROCEDURE,
                                  .cred = {RPC_AUTH_GSS, writer_slice(&cred)}};
    rpc_call_write(&w, &call);
    must_hold(!gss_mic_make(&ctx, writer_slice(&w), &arena, &verf.body, NULL));
    rpc_auth_write(&w, verf);
    write_body(&ctx, sealed, plain, &w);
    to_server(writer_slice(&w));
}

static void to_client(struct slice record, enum rpc_protection protection) {
    struct rpc_client c = client;
    struct slice send, results;
    c.params.protection = protection;
    must_hold(!rpc_client_call(&c, PROCEDURE, (struct slice){0}, &arena, &send, NULL));
    (void)!rpc_client_take(&c, record, &arena, &results, NULL);
}

static void from_server(bool sealed, struct slice plain) {
    static struct rpc_taken taken;
    enum rpc_protection protection = sealed ? RPC_PROTECT_PRIVACY : RPC_PROTECT_INTEGRITY;
    struct rpc_client c = client;
    struct slice send;
    struct writer w = writer_to_arena(&arena);
    c.params.protection = protection;
    must_hold(!rpc_client_call(&c, PROCEDURE, (struct slice){0}, &arena, &send, NULL));
    must_hold(!rpc_server_take(&server, unmarked(send), &arena, &taken, NULL) && taken.is_call);
    struct rpc_reply reply = {.xid = taken.call.xid};
    must_hold(!rpc_verifier_make(&taken.context, taken.cred.seq, &arena, &reply.verf, NULL));
    rpc_reply_write(&w, &reply);
    write_body(&taken.context, sealed, plain, &w);
    to_client(writer_slice(&w), protection);
}

static void to_new_client(struct slice record) {
    struct rpc_client c = fresh;
    struct slice send;
    c.arena = c.initiator.arena = &arena;
    // Nobody without the ticket's key makes it believe that the context is there.
    must_hold(rpc_client_establish(&c, record, &send, NULL) != OBOL_OK || !c.established);
}

static void stream(struct slice bytes) {
    struct slice copy, record;
    size_t used;
    must_hold(arena_copy(&arena, bytes, &copy));
    struct buf left = buf_of((void *)(uintptr_t)copy.ptr, copy.len);
    while (left.len && rpc_record_next(left, RECORD_MAX, &record, &used) == RPC_RECORD_WHOLE) {
        must_hold(used <= left.len && record.len && record.len <= RECORD_MAX);
        must_hold(record.ptr >= left.ptr && record.ptr + record.len <= left.ptr + used);
        to_server(record);
        left = buf_of(left.ptr + used, left.len - used);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!service_key) {
        must_hold(arena_init(&setup, 1 << 16, 1 << 20) && arena_init(&arena, 1 << 18, 16 << 20));
        make_ticket();
        make_context();
    }
    if (size == 0)
        return 0;
    arena_reset(&arena);
    memcpy(kept, began, kept_len = began_len);
    struct slice rest = slice_of(data + 1, size - 1);
    bool sealed = data[0] & 0x80;
    switch ((enum choice)(data[0] % CHOICES)) {
    case TO_SERVER:
        to_server(rest);
        break;
    case TO_CLIENT:
        to_client(rest, RPC_PROTECT_PRIVACY);
        break;
    case TO_NEW_CLIENT:
        to_new_client(rest);
        break;
    case FROM_CLIENT:
        from_client(sealed, rest);
        break;
    case FROM_SERVER:
        from_server(sealed, rest);
        break;
    case STREAM:
        stream(rest);
        break;
    default:
        break;
    }
    return 0;
}
