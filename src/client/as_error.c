// as_error.c: what the AS client does about a KRB-ERROR (RFC 4120 3.1.4, RFC 6806 7): a row per
// error that a better request can answer. KRB-ERRORs are not authenticated, so each way to
// continue is bounded, and none of them makes us offer more than the caller allows.
#include "client/as_stage.h"

static enum obol_code fail(struct as_client *c, const struct krb_error *error, struct error *err) {
    struct client_error_facts facts = {
        .client = &c->client,
        .service = &c->service,
        .realm = c->client.realm,
        .now = as_now(c),
        .etypes = c->etypes,
        .etype_count = c->etype_count,
        .anonymous = c->options & KDC_OPT_REQUEST_ANONYMOUS,
    };
    return client_error_set(error, &facts, c->arena, err);
}

static void mark_tried(struct as_client *c) {
    for (size_t i = 0; CLIENT_PREAUTHS[i]; i++)
        if (CLIENT_PREAUTHS[i] == c->preauth)
            c->preauth_tried |= 1u << i;
}

static void add_offered(struct as_client *c, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < c->method_data.count && i < 16; i++) {
        const char *name = code_name(&CODES_PADATA, c->method_data.items[i].padata_type);
        if (name)
            writer_printf(&w, "%s%s", i ? " " : "", name);
        else
            writer_printf(&w, "%s%d", i ? " " : "", c->method_data.items[i].padata_type);
    }
    error_fact(err, "the KDC offers", "%.*s", SLICE_ARG(writer_slice(&w)));
}

// Nothing of ours is offered in the open, but FAST is there: an account with a one-time password
// token looks so (RFC 6560 2.1), and others whose mechanisms want armor.
static void advise_armor(const struct as_client *c, struct error *err) {
    if (c->armored || !client_preauth_find_padata(&c->method_data, PA_FX_FAST) ||
        client_preauth_find_padata(&c->method_data, PA_PK_AS_REQ))
        return;
    error_remedy(err,
                 "This account logs in inside FAST armor only, as with one-time passwords: get a "
                 "ticket for the armor into a cache of its own, the machine's or an anonymous "
                 "one (obol login -n -c CACHE), then obol login --armor-cache CACHE NAME.");
}

// What the KDC says of mechanisms, from the armor if there is one.
static enum obol_code take_methods(struct as_client *c, const struct krb_error *error,
                                   struct error *err) {
    if (!c->armored) {
        ENSURE(error->present & KRB_ERROR_E_DATA, DER_VALUE,
               "the KDC asks for preauthentication and does not say which");
        TRY(der_decode(&TYPE_METHOD_DATA, error->e_data, c->arena, &c->method_data, err));
    }
    const struct padata *cookie = client_preauth_find_padata(&c->method_data, PA_FX_COOKIE);
    c->cookie = cookie ? *cookie : (struct padata){0};
    return OBOL_OK;
}

// The KDC does not take our key; of a password it can only be that it is wrong.
static enum obol_code key_refused(struct as_client *c, enum obol_code code, struct error *err) {
    error_fact(err, "enctype of the key", "%.*s",
               SLICE_ARG(client_etypes_text(&c->key_hint.etype, 1, c->arena)));
    if (!c->password)
        return code;
    error_fact(err, "salt", "%.*s", SLICE_ARG(c->key_hint.salt));
    return error_replace(
        err, OBOL_PASSWORD_WRONG, __func__, "the KDC of %.*s does not take this password for %.*s",
        SLICE_ARG(c->client.realm), SLICE_ARG(principal_text(&c->client, c->arena)));
}

// What was guessed is what the KDC asks for: another proof of the same would count as one more
// failure of the account.
static enum obol_code check_guess(struct as_client *c, const struct client_preauth *next,
                                  const struct krb_error *error, struct error *err) {
    if (!c->guess_refused || next->keyless || !next->needs_key)
        return OBOL_OK;
    c->guess_refused = false;
    TRY(client_hints_set(c, &c->method_data, err));
    if (!as_key_fits(c))
        return OBOL_OK;
    (void)fail(c, error, err);
    enum obol_code code =
        error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                      "the KDC of %.*s does not take this key for %.*s", SLICE_ARG(c->client.realm),
                      SLICE_ARG(principal_text(&c->client, c->arena)));
    return key_refused(c, code, err);
}

// RFC 4120 3.1.4: the KDC says how the client may show who it is.
static enum obol_code preauth_required(struct as_client *c, const struct krb_error *error,
                                       struct error *err) {
    TRY(take_methods(c, error, err));
    c->spake_support = (struct slice){0};
    // RFC 6113 5.4: the KDC can do FAST, and there is a ticket for the armor: once more, inside it.
    if (c->params.armor && !c->armored && client_preauth_find_padata(&c->method_data, PA_FX_FAST)) {
        c->armored = true;
        c->preauth_tried = 0;
        c->method_data = (struct padata_list){0};
        c->cookie = (struct padata){0};
        c->params.optimistic = false;
        return OBOL_OK;
    }
    // What was sent before the KDC named its salt is not counted as tried.
    if (!c->preauth || c->params.optimistic)
        c->preauth_tried = 0;
    else
        mark_tried(c);
    c->params.optimistic = false;
    const struct client_preauth *next = client_preauth_choose(c);
    if (next)
        return check_guess(c, next, error, err);
    enum obol_code code = fail(c, error, err);
    add_offered(c, err);
    advise_armor(c, err);
    return code;
}

// RFC 4120 3.1.4: the proof did not hold. Another mechanism may be left; else the key is wrong.
static enum obol_code preauth_failed(struct as_client *c, const struct krb_error *error,
                                     struct error *err) {
    if (c->preauth && c->params.optimistic) {
        // We guessed the salt: ask plainly, so that the KDC names it.
        c->params.optimistic = false;
        c->preauth_tried = 0;
        c->guess_refused = c->proof_sent && c->key;
        return OBOL_OK;
    }
    mark_tried(c);
    bool final = c->preauth && c->preauth->conclusive && c->proof_sent;
    if (c->preauth && !final && client_preauth_choose(c))
        return OBOL_OK;
    enum obol_code code = fail(c, error, err);
    if (c->preauth)
        error_fact(err, "mechanism", "%s", c->preauth->name);
    if (c->preauth == &CLIENT_PREAUTH_OTP)
        return error_replace(err, OBOL_PASSWORD_WRONG, __func__,
                             "the KDC of %.*s does not take this one-time code, or the password "
                             "beside it, for %.*s",
                             SLICE_ARG(c->client.realm),
                             SLICE_ARG(principal_text(&c->client, c->arena)));
    return c->key ? key_refused(c, code, err) : code;
}

// Heimdal's KDC answers so to an encrypted challenge that does not open.
static enum obol_code bad_integrity(struct as_client *c, const struct krb_error *error,
                                    struct error *err) {
    return c->preauth && c->proof_sent ? preauth_failed(c, error, err) : fail(c, error, err);
}

// RFC 6113 5.2: the mechanism's next message. The cookie and what stands beside it are the KDC's
// state; how the key is made it has said before.
static enum obol_code more_required(struct as_client *c, const struct krb_error *error,
                                    struct error *err) {
    TRY(take_methods(c, error, err));
    ENSURE(c->preauth && client_preauth_find_padata(&c->method_data, c->preauth->type),
           REPLY_MISMATCH, "the KDC asks for more of a preauthentication that was not begun");
    c->params.optimistic = false; // it is asked for now
    c->go_on = true;
    return OBOL_OK;
}

// RFC 6113 5.2: from the beginning. Once.
static enum obol_code expired(struct as_client *c, const struct krb_error *error,
                              struct error *err) {
    if (c->expired || !c->preauth)
        return fail(c, error, err);
    c->expired = true;
    c->method_data = (struct padata_list){0};
    c->cookie = (struct padata){0};
    c->spake_support = (struct slice){0};
    c->preauth_tried = 0;
    return OBOL_OK;
}

// What an error of PKINIT holds beside its code (RFC 4556 3.2.2); in armor it stands there.
static struct padata_list typed_data(struct as_client *c, const struct krb_error *error) {
    struct padata_list typed = c->method_data;
    if (!c->armored &&
        (!(error->present & KRB_ERROR_E_DATA) ||
         (der_decode(&TYPE_TYPED_DATA, error->e_data, c->arena, &typed, NULL) != OBOL_OK &&
          der_decode(&TYPE_METHOD_DATA, error->e_data, c->arena, &typed, NULL) != OBOL_OK)))
        typed = (struct padata_list){0};
    return typed;
}

// RFC 4556 3.2.2: the KDC names the groups that will do. Once.
static enum obol_code other_group(struct as_client *c, const struct krb_error *error,
                                  struct error *err) {
    struct padata_list typed = typed_data(c, error);
    if (!client_pkinit_other_group(c, &typed))
        return fail(c, error, err);
    c->go_on = true; // with the same mechanism
    return OBOL_OK;
}

// RFC 4556 3.2.2: the KDC may say whom it trusts, and which certificate it does not take.
static enum obol_code certificate_refused(struct as_client *c, const struct krb_error *error,
                                          struct error *err) {
    enum obol_code code = fail(c, error, err);
    const struct padata_list typed = typed_data(c, error);
    client_pkinit_add_told(c, &typed, err);
    return code;
}

// A timestamp by a wrong clock proves nothing, but the KDC tells its own time, which is good enough
// for a timestamp that only this KDC will take. Once.
static enum obol_code skew(struct as_client *c, const struct krb_error *error, struct error *err) {
    if (c->params.no_timesync || c->skew_corrected || !c->preauth)
        return fail(c, error, err);
    c->skew_corrected = true;
    c->offset = error->stime - env_now(c->env);
    return OBOL_OK;
}

static bool visited(const struct as_client *c, struct slice realm) {
    for (size_t i = 0; i < c->realm_count; i++)
        if (slice_eq(c->realms[i], realm))
            return true;
    return false;
}

// RFC 6806 7: the client is of another realm, and the KDC names it.
static enum obol_code wrong_realm(struct as_client *c, const struct krb_error *error,
                                  struct error *err) {
    bool named = (error->present & KRB_ERROR_CREALM) && error->crealm.len;
    if (!named || !(c->params.options & KDC_OPT_CANONICALIZE) || visited(c, error->crealm) ||
        c->realm_count > CLIENT_HOPS_MAX) {
        enum obol_code code = fail(c, error, err);
        if (named)
            error_fact(err, "realm named", "%.*s", SLICE_ARG(error->crealm));
        error_fact(err, "referrals followed", "%zu", c->realm_count - 1);
        return code;
    }
    c->client.realm = error->crealm;
    TRY(principal_check(&c->client, err));
    c->realms[c->realm_count++] = error->crealm;
    if (!c->params.service)
        TRY(principal_krbtgt(c->client.realm, c->client.realm, c->arena, &c->service, err));
    // Another KDC: nothing that the first one said holds.
    c->method_data = (struct padata_list){0};
    c->cookie = (struct padata){0};
    c->spake_support = (struct slice){0};
    c->fast.armor = NULL;
    c->preauth_tried = 0;
    c->offset = 0;
    c->skew_corrected = c->use_tcp = c->guess_refused = false;
    return OBOL_OK;
}

// RFC 4120 7.2.1: ask again by TCP.
static enum obol_code too_big(struct as_client *c, const struct krb_error *error,
                              struct error *err) {
    if (c->use_tcp)
        return fail(c, error, err);
    c->use_tcp = true;
    return OBOL_OK;
}

static const struct {
    enum obol_code code;
    const char *name, *section;
    enum obol_code (*handle)(struct as_client *c, const struct krb_error *error, struct error *err);
} HANDLERS[] = {
    {OBOL_KDC_ERR_PREAUTH_REQUIRED, "preauthentication required", "RFC 4120 3.1.4",
     preauth_required},
    {OBOL_KDC_ERR_PREAUTH_FAILED, "preauthentication failed", "RFC 4120 3.1.4", preauth_failed},
    {OBOL_KRB_AP_ERR_BAD_INTEGRITY, "preauthentication failed", "RFC 6113 5.4.6", bad_integrity},
    {OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, "more preauthentication", "RFC 6113 5.2",
     more_required},
    {OBOL_KDC_ERR_PREAUTH_EXPIRED, "preauthentication too old", "RFC 6113 5.2", expired},
    {OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED, "another group", "RFC 4556 3.2.2", other_group},
    {OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE, "certificate refused", "RFC 4556 3.2.2",
     certificate_refused},
    {OBOL_KDC_ERR_INVALID_CERTIFICATE, "certificate refused", "RFC 4556 3.2.2",
     certificate_refused},
    {OBOL_KDC_ERR_REVOKED_CERTIFICATE, "certificate refused", "RFC 4556 3.2.2",
     certificate_refused},
    {OBOL_KRB_AP_ERR_SKEW, "clock skew", "RFC 4120 3.1.3", skew},
    {OBOL_KDC_ERR_WRONG_REALM, "client referral", "RFC 6806 7", wrong_realm},
    {OBOL_KRB_ERR_RESPONSE_TOO_BIG, "reply too big for UDP", "RFC 4120 7.2.1", too_big},
};

// What came without the armor of the request is anybody's word: it ends the login, with what it
// says, and nothing is done about it. That the reply is too big for UDP needs no belief.
static enum obol_code without_armor(struct as_client *c, const struct krb_error *error,
                                    enum obol_code code, struct error *err) {
    struct error first = *err;
    if (code != OBOL_FAST_REQUIRED)
        return code;
    error_init(err);
    enum obol_code said = fail(c, error, err);
    error_fact(err, "armor", "none: nobody vouches for this error");
    bool asks = said == OBOL_KDC_ERR_PREAUTH_REQUIRED ||
                said == OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED ||
                said == OBOL_KDC_ERR_PREAUTH_FAILED;
    err->where = "answer of the KDC";
    err->section = "RFC 6113 5.4.4";
    return asks ? error_replace(err, code, __func__, "%s", first.detail) : said;
}

enum obol_code as_error(struct as_client *c, const struct krb_error *outside, struct error *err) {
    struct krb_error inside = *outside, *error = &inside;
    enum obol_code code = error_code_of_krb(error->error_code);
    c->refusal = arena_zalloc(c->arena, 1, sizeof *c->refusal);
    ENSURE_MEMORY(c->refusal);
    *c->refusal = *outside;
    if (c->armored && code != OBOL_KRB_ERR_RESPONSE_TOO_BIG) {
        struct error first;
        error_init(&first);
        code = client_fast_error(&c->fast, c->nonce, error, &c->method_data, &first);
        if (code != OBOL_OK) {
            *err = first;
            return without_armor(c, outside, code, err);
        }
        code = error_code_of_krb(error->error_code);
        *c->refusal = *error;
    }
    for (size_t i = 0; i < COUNT_OF(HANDLERS); i++) {
        if (HANDLERS[i].code != code)
            continue;
        code = HANDLERS[i].handle(c, error, err);
        if (code != OBOL_OK) {
            err->where = HANDLERS[i].name;
            err->section = HANDLERS[i].section;
        }
        return code;
    }
    code = fail(c, error, err);
    err->where = "answer of the KDC";
    err->section = "RFC 4120 5.9.1";
    return code;
}
