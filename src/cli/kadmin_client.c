// kadmin_client.c: see kadmin_client.h.
#include "cli/kadmin_client.h"
#include "gss/rpc_record.h"

enum {
    ROOM_FIRST = 64u << 10,  // bytes of a reply that are awaited at first
    RECORD_MAX = 256u << 20, // a list of all principals comes in one
    CONTEXT_MAX = 16u << 20,
    SURE_S = 5, // so long after an answer the server knows the context still
};
#define WIRE_MAX (size_t)(1536u << 20) // a reply, and the smaller rooms that it outgrew

// ---- records

static enum obol_code grow(struct kadmin_client *c, struct buf *room, struct error *err) {
    struct buf more = arena_buf(&c->wire, room->len ? 2 * room->len : ROOM_FIRST);
    ENSURE_MEMORY(more.ptr);
    if (room->len)
        memcpy(more.ptr, room->ptr, room->len);
    *room = more;
    return OBOL_OK;
}

// The next record; one call is on its way, so nothing stands behind it.
static enum obol_code receive(struct kadmin_client *c, struct slice *record, struct error *err) {
    struct buf room = {0};
    size_t filled = 0, used = 0, came;
    enum rpc_record_status status = RPC_RECORD_MORE;
    while (status == RPC_RECORD_MORE) {
        if (filled == room.len)
            TRY(grow(c, &room, err));
        TRY(net_stream_receive(&c->stream, buf_of(room.ptr + filled, room.len - filled), &came,
                               err));
        filled += came;
        status = rpc_record_next(buf_of(room.ptr, filled), RECORD_MAX, record, &used);
    }
    ENSURE(status == RPC_RECORD_WHOLE && used == filled, REPLY_MISMATCH,
           "what %s sends is no reply of RPC", c->stream.peer);
    return OBOL_OK;
}

static enum obol_code exchange(struct kadmin_client *c, struct slice message, struct slice *reply,
                               struct error *err) {
    TRY(net_stream_send(&c->stream, message, err));
    return receive(c, reply, err);
}

// ---- the context

static enum obol_code connect_to(struct kadmin_client *c, struct error *err) {
    const struct rpc_client_params params = {
        .ticket = &c->ticket, .program = KADM5_PROGRAM, .version = KADM5_PROGRAM_VERSION};
    struct slice message, reply;
    net_stream_close(&c->stream);
    arena_reset(&c->context);
    TRY(net_stream_open(&c->stream, &c->net, c->realm, &c->servers, err));
    TRY(rpc_client_start(&c->rpc, &params, net_env(&c->net), &c->context, &message, err));
    while (!c->rpc.established) {
        TRY(exchange(c, message, &reply, err));
        TRY(rpc_client_establish(&c->rpc, reply, &message, err));
    }
    c->answered = env_now(net_env(&c->net));
    return OBOL_OK;
}

static enum obol_code put(struct kadmin_client *c, uint32_t procedure, struct slice arguments,
                          struct arena *a, struct slice *results, struct error *err) {
    struct slice message, reply;
    // A server closes a connection that was idle for long: that is seen before anything is asked.
    if (net_stream_stale(&c->stream))
        TRY(connect_to(c, err));
    TRY(rpc_client_call(&c->rpc, procedure, arguments, &c->wire, &message, err));
    c->asked = true;
    enum obol_code code = exchange(c, message, &reply, err);
    if (code == OBOL_OK)
        code = rpc_client_take(&c->rpc, reply, a, results, err);
    if (code == OBOL_OK)
        c->answered = env_now(net_env(&c->net));
    else
        net_stream_close(&c->stream); // whatever comes there next, it is not for the next call
    return code;
}

// A refusal to know the context has no verifier (RFC 5531 9): who sits on the path can put one in
// the place of the answer to a call that was carried out. RFC 2203 5.3.3.3 has the client make a
// new context; that the call is put again in it is for us to say, and we do so only where it
// changes nothing.
static enum obol_code put_reading(struct kadmin_client *c, uint32_t procedure,
                                  struct slice arguments, struct arena *a, struct slice *results,
                                  struct error *err) {
    struct error held;
    error_init(&held);
    c->rpc.lost = false;
    enum obol_code code = put(c, procedure, arguments, a, results, &held);
    if (code != OBOL_OK && c->rpc.lost)
        return put(c, procedure, arguments, a, results, err);
    return code == OBOL_OK ? code : net_fail(err, &held);
}

// A call that changes something is put once. So that it finds its context, a server that has not
// been heard of for a while is first asked for nothing (RFC 5531 12.1), which makes a new one. But
// for results that open no answer proves what became of it: the verifier of one that refuses it
// holds for the call's number alone (RFC 2203 5.3.3.2), and could be that of the results.
static enum obol_code put_changing(struct kadmin_client *c, uint32_t procedure,
                                   struct slice arguments, struct arena *a, struct slice *results,
                                   struct error *err) {
    struct slice none = {0};
    if (env_now(net_env(&c->net)) - c->answered > SURE_S)
        TRY(put_reading(c, RPC_NULL_PROCEDURE, none, a, &none, err));
    c->asked = false;
    enum obol_code code = put(c, procedure, arguments, a, results, err);
    if (code != OBOL_OK && c->asked)
        error_remedy(err, "It may have been done all the same, and is not asked twice: nothing "
                          "proves the refusal, or the answer is lost. Look (get_principal, "
                          "list_principals) before you ask again.");
    return code;
}

enum obol_code kadmin_client_call(struct kadmin_client *c, uint32_t procedure,
                                  struct kadm5_message *arguments, struct arena *a,
                                  struct kadm5_message *out, struct error *err) {
    struct slice results = {0};
    struct writer w = writer_to_arena(&c->wire);
    arguments->version = c->version;
    enum obol_code code = kadm5_write(procedure, KADM5_ARGUMENTS, arguments, &w, err);
    bool reads = kadm5_procedure_reads(procedure);
    if (code == OBOL_OK)
        code =
            (reads ? put_reading : put_changing)(c, procedure, writer_slice(&w), a, &results, err);
    arena_reset(&c->wire); // passwords stood there
    TRY(code);
    return kadm5_read(procedure, KADM5_RESULTS, results, a, out, err);
}

// A server that is older says that it does not know the version, and is asked for the one before.
static enum obol_code agree(struct kadmin_client *c, struct error *err) {
    static const uint32_t versions[] = {KADM5_VERSION_4, KADM5_VERSION_3, KADM5_VERSION_2};
    struct kadm5_message out = {0};
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct kadm5_message arguments = {0};
        c->version = versions[i];
        TRY(kadmin_client_call(c, KADM5_INIT, &arguments, &c->context, &out, err));
        if (out.status != KADM5_E_NEW_SERVER_API_VERSION)
            break;
    }
    const struct kadm5_status *s = kadm5_status_of(out.status);
    ENSURE(out.status == 0, UNSUPPORTED, "%s refuses versions 2 to 4 of kadmin: %s (%u)",
           c->stream.peer, s ? s->text : "an error of its own", out.status);
    return OBOL_OK;
}

enum obol_code kadmin_client_open(struct kadmin_client *c, struct error *err) {
    c->stream.fd = -1;
    ENSURE(arena_init(&c->context, 64u << 10, CONTEXT_MAX) &&
               arena_init(&c->wire, ROOM_FIRST, WIRE_MAX),
           NO_MEMORY, "no memory for a connection");
    TRY(connect_to(c, err));
    return agree(c, err);
}

void kadmin_client_close(struct kadmin_client *c) {
    struct slice message;
    // Nobody waits for the answer to that.
    if (c->rpc.established && !net_stream_stale(&c->stream) &&
        rpc_client_leave(&c->rpc, &c->wire, &message, NULL) == OBOL_OK) {
        enum obol_code sent = net_stream_send(&c->stream, message, NULL);
        UNUSED(sent);
    }
    if (c->context.base) // else it was never opened
        net_stream_close(&c->stream);
    arena_clear(&c->context);
    arena_clear(&c->wire);
}
