// as.c: the AS client's driver (RFC 4120 3.1): runs the stages of a request, hands it out, and runs
// those of the reply, or mends the request after an error that allows it.
#include "client/as_stage.h"

#include "base/ct.h"

// Requests of one login: the plain one, mechanisms, a clock correction, TCP, at each of the realms.
#define AS_ROUND_TRIPS_MAX 24

static enum obol_code set_service(struct as_client *c, struct error *err) {
    if (!c->params.service)
        return principal_krbtgt(c->client.realm, c->client.realm, c->arena, &c->service, err);
    c->service = *c->params.service;
    return principal_check(&c->service, err);
}

enum obol_code as_client_init(struct as_client *c, const struct as_params *params,
                              const struct env *env, struct arena *a, struct error *err) {
    memset(c, 0, sizeof *c);
    c->params = *params;
    c->env = env;
    c->arena = a;
    c->client = params->client;
    TRY(principal_check(&c->client, err));
    TRY(client_etypes_set(params->etypes, params->allow_weak, c->etypes, &c->etype_count, err));
    ENSURE(params->start >= 0 && params->lifetime >= 0 && params->renew_lifetime >= 0,
           INVALID_ARGUMENT, "a lifetime is negative");
    TRY(set_service(c, err));
    c->realms[c->realm_count++] = c->client.realm;
    c->offset = params->armor ? params->armor_offset : 0;
    return OBOL_OK;
}

void as_client_clear(struct as_client *c) {
    c->password = c->code = c->pin = NULL;
    pkinit_dh_clear(&c->pkinit.dh);
    c->pkinit.reply_key = NULL;
    c->key = c->reply_key = c->strengthen = c->fast.armor = NULL;
    c->state = AS_DEAD;
}

void as_client_password(struct as_client *c, const struct secret *password) {
    c->password = password;
}

void as_client_code(struct as_client *c, const struct secret *code) {
    c->code = code;
}

void as_client_code_of(struct as_client *c, size_t token, const struct secret *code,
                       const struct secret *pin) {
    c->code = code;
    c->pin = pin;
    c->token = token;
    c->token_said = true;
}

enum obol_code as_client_key(struct as_client *c, int32_t etype, struct slice key,
                             struct error *err) {
    ENSURE(client_etype_in(c->etypes, c->etype_count, etype), ENCTYPE_UNSUPPORTED,
           "the key's enctype %d is not among those offered", etype);
    TRY(crypto_key_in_arena(&c->key, c->arena, etype, key, err));
    c->key_given = true;
    c->key_hint = (struct client_key_hint){.etype = etype};
    return OBOL_OK;
}

static bool hint_eq(const struct client_key_hint *a, const struct client_key_hint *b) {
    return a->etype == b->etype && slice_eq(a->salt, b->salt) &&
           slice_eq(a->s2kparams, b->s2kparams);
}

bool as_key_fits(const struct as_client *c) {
    for (size_t i = 0; c->key && i < c->hint_count; i++) {
        if (c->key_given && c->hints[i].etype == c->key_hint.etype)
            return true;
        if (!c->key_given && hint_eq(&c->hints[i], &c->key_hint))
            return true;
    }
    return false;
}

enum obol_code as_need_key(struct as_client *c, struct error *err) {
    if (as_key_fits(c))
        return OBOL_OK;
    if (!c->password) {
        c->state = AS_KEY_WANTED;
        return OBOL_OK;
    }
    const struct client_key_hint *hint = &c->hints[0];
    const struct enctype *e = enctype_find(hint->etype);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(e));
    enum obol_code code = crypto_string_to_key(e, secret_slice(c->password), hint->salt,
                                               hint->s2kparams, 0, key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(&c->key, c->arena, hint->etype, slice_of_buf(key), err);
    wipe(bytes, sizeof bytes);
    c->key_hint = *hint;
    c->key_given = false;
    return code;
}

static enum obol_code run(struct as_client *c, struct error *err) {
    for (; c->stage < c->stage_count; c->stage++) {
        const struct as_stage *stage = &c->stages[c->stage];
        enum obol_code code = stage->run(c, err);
        if (code != OBOL_OK) {
            err->where = stage->name;
            err->section = stage->section;
            return code;
        }
        if (c->state == AS_KEY_WANTED || c->state == AS_CODE_WANTED)
            return OBOL_OK;
    }
    return OBOL_OK;
}

static enum obol_code begin_request(struct as_client *c, struct error *err) {
    ENSURE(c->facts.round_trips < AS_ROUND_TRIPS_MAX, REPLY_MISMATCH,
           "the KDC of %.*s has not come to an end after %u requests", SLICE_ARG(c->client.realm),
           c->facts.round_trips);
    c->stages = AS_REQUEST_STAGES;
    c->stage_count = AS_REQUEST_STAGE_COUNT;
    c->stage = 0;
    return run(c, err);
}

// The KDC of the client's realm asks for proof of who asks, or for none (RFC 6806 7).
static bool has_client(enum client_reply_kind kind, const struct krb_error *error) {
    if (kind != CLIENT_REPLY_ERROR)
        return true;
    enum obol_code code = error_code_of_krb(error->error_code);
    return code == OBOL_KDC_ERR_PREAUTH_REQUIRED || code == OBOL_KDC_ERR_KEY_EXPIRED;
}

static enum obol_code take_reply(struct as_client *c, struct slice reply, struct error *err) {
    ENSURE(reply.len > 0, INVALID_ARGUMENT, "a step without the reply that was asked for");
    enum client_reply_kind kind;
    struct krb_error error;
    struct slice kept;
    c->facts.round_trips++;
    ENSURE(arena_copy(c->arena, reply, &kept), NO_MEMORY, "a reply of %zu bytes", reply.len);
    TRY(client_reply_decode(kept, &TYPE_AS_REP, KRB_AS_REP, c->arena, &kind, &c->rep, &error, err));
    if (c->params.only_realm && has_client(kind, &error)) {
        c->state = AS_DONE;
        return OBOL_OK;
    }
    if (kind == CLIENT_REPLY_ERROR) {
        TRY(as_error(c, &error, err));
        return begin_request(c, err);
    }
    c->stages = AS_REPLY_STAGES;
    c->stage_count = AS_REPLY_STAGE_COUNT;
    c->stage = 0;
    return run(c, err);
}

static enum obol_code resume(struct as_client *c, struct error *err) {
    ENSURE(c->password || c->key_given, PASSWORD_NEEDED, "no password was given for %.*s",
           SLICE_ARG(principal_text(&c->client, c->arena)));
    ENSURE(c->password || as_key_fits(c), KEYTAB_NO_ENTRY,
           "the key given has enctype %d, which the KDC has no key of", c->key_hint.etype);
    c->state = AS_START;
    return run(c, err);
}

static enum obol_code resume_code(struct as_client *c, struct error *err) {
    ENSURE(c->code, PASSWORD_NEEDED, "no one-time code was given for %.*s",
           SLICE_ARG(principal_text(&c->client, c->arena)));
    c->state = AS_START;
    return run(c, err);
}

static void say_want(const struct as_client *c, struct client_output *out) {
    memset(out, 0, sizeof *out);
    if (c->state == AS_KEY_WANTED) {
        out->want = CLIENT_KEY;
        out->principal = c->client;
        out->hints = c->hints;
        out->hint_count = c->hint_count;
        return;
    }
    if (c->state == AS_CODE_WANTED) {
        out->want = CLIENT_CODE;
        out->principal = c->client;
        out->tokens = c->code_of;
        out->challenge = client_preauth_challenge(c, c->preauth);
        return;
    }
    out->want = c->state == AS_DONE ? CLIENT_DONE : CLIENT_SEND;
    out->realm = c->client.realm;
    out->message = c->request;
    out->tcp = c->use_tcp;
}

enum obol_code as_client_step(struct as_client *c, struct slice reply, struct client_output *out,
                              struct error *err) {
    enum obol_code code;
    struct error scratch;
    if (!err) {
        error_init(&scratch);
        err = &scratch;
    }
    ENSURE(c->state != AS_DEAD && c->state != AS_DONE, INVALID_ARGUMENT,
           "a step of a login that has ended");
    c->refusal = NULL;
    if (c->state == AS_SENT)
        code = take_reply(c, reply, err);
    else if (c->state == AS_KEY_WANTED)
        code = resume(c, err);
    else if (c->state == AS_CODE_WANTED)
        code = resume_code(c, err);
    else
        code = begin_request(c, err);
    if (code != OBOL_OK) {
        c->state = AS_DEAD;
        return code;
    }
    say_want(c, out);
    return OBOL_OK;
}
