// login.c: drives the AS client (RFC 4120 3.1): carries its messages, fetches its key, stores its
// ticket.
#include "net/login.h"
#include "config/duration.h"
#include "crypto/spake.h"
#include "net/addresses.h"
#include "net/login_pkinit.h"

void login_end(struct login_machine *l) {
    as_client_clear(&l->client);
    login_end_pkinit(l);
    secret_clear(&l->asked);
    secret_clear(&l->otp.code);
    secret_clear(&l->otp.pin);
}

// With a keytab the enctypes that it has keys of come first, so that the KDC chooses one of them.
static enum obol_code order_etypes(const struct login_machine *l, struct int32_list *out,
                                   struct error *err) {
    struct int32_list wanted =
        l->params.etypes.count ? l->params.etypes : l->net.conf->default_tkt_enctypes;
    struct int32_list held;
    *out = wanted;
    if (!l->params.keytab)
        return OBOL_OK;
    TRY(keytab_etypes(l->params.keytab, &l->params.client, l->arena, &held, err));
    int32_t *items = arena_zalloc(l->arena, wanted.count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < wanted.count; i++) {
            bool has = false;
            for (size_t k = 0; k < held.count; k++)
                has |= held.items[k] == wanted.items[i];
            if (has == (pass == 0))
                items[n++] = wanted.items[i];
        }
    *out = (struct int32_list){items, n};
    return OBOL_OK;
}

// preferred_preauth_types and spake_preauth_groups of krb5.conf; what is not known is left out.
static void take_preauth(struct login_machine *l, struct as_params *out) {
    const struct krb5conf *conf = l->net.conf;
    const struct slice_list *words = &conf->preferred_preauth_types;
    size_t count = 0;
    for (size_t i = 0; i < words->count && count < LOGIN_PREFERRED_MAX; i++) {
        int64_t type;
        if (number_parse(words->items[i], &type) && type > 0 && type <= INT32_MAX)
            l->preferred[count++] = (int32_t)type;
    }
    out->preauth_preferred = count ? l->preferred : NULL;
    words = &conf->spake_preauth_groups;
    out->spake_groups.items = l->groups;
    for (size_t i = 0; i < words->count && out->spake_groups.count < LOGIN_SPAKE_GROUPS_MAX; i++) {
        const struct spake_group *g = spake_group_by_name(words->items[i]);
        if (g)
            l->groups[out->spake_groups.count++] = spake_group_number(g);
    }
}

// The TGT of the armor, and whether its cache knows that the realm can do FAST: then nobody on the
// way can talk us out of it (RFC 6113 5.4.5).
static enum obol_code take_armor(struct login_machine *l, struct as_params *out,
                                 struct error *err) {
    struct principal tgs;
    struct slice known;
    if (!l->params.armor)
        return OBOL_OK;
    TRY(ccache_read(l->params.armor, l->arena, &l->armor, err));
    TRY(principal_krbtgt(l->params.client.realm, l->params.client.realm, l->arena, &tgs, err));
    const int64_t offset = l->armor.has_offset ? l->armor.offset : 0;
    const struct ccache_query query = {
        .client = &l->armor.principal,
        .server = &tgs,
        .any_realm = true,
        .now = env_now(net_env(&l->net)) + offset,
        .clockskew = l->net.conf->clockskew,
    };
    enum obol_code code = ccache_find(&l->armor, &query, &out->armor, err);
    if (code != OBOL_OK)
        error_remedy(err,
                     "Armor is a TGT of the client's realm: log a host or nobody in to %.*s, and "
                     "take that one's session or cache.",
                     SLICE_ARG(l->params.client.realm));
    TRY(code);
    out->armor_offset = offset;
    out->armor_required =
        l->params.armor_required || ccache_get_config(&l->armor, "fast_avail", &tgs, &known);
    return OBOL_OK;
}

static enum obol_code as_params_of(struct login_machine *l, struct as_params *out,
                                   struct error *err) {
    const struct login_params *p = &l->params;
    const struct krb5conf *conf = l->net.conf;
    const struct krb5conf_realm *realm = krb5conf_realm(conf, p->client.realm);
    static const int32_t no_timestamp[] = {PA_SPAKE, PA_ENCRYPTED_CHALLENGE, PA_PK_AS_REQ,
                                           PA_OTP_REQUEST, 0};
    uint32_t options = KDC_OPT_RENEWABLE_OK;
    if (conf->forwardable)
        options |= KDC_OPT_FORWARDABLE;
    if (conf->proxiable)
        options |= KDC_OPT_PROXIABLE;
    if (conf->canonicalize || p->client.name.name_type == NT_ENTERPRISE)
        options |= KDC_OPT_CANONICALIZE;
    if (p->anonymous)
        options |= KDC_OPT_REQUEST_ANONYMOUS;
    *out = (struct as_params){
        .client = p->client,
        .service = p->service,
        .allow_weak = true, // krb5.conf has struck what it does not allow
        .options = (options | p->options_on) & ~p->options_off,
        .start = p->start,
        .lifetime = p->lifetime ? p->lifetime : conf->ticket_lifetime,
        .renew_lifetime = p->renew_lifetime ? p->renew_lifetime : conf->renew_lifetime,
        .clockskew = conf->clockskew,
        .no_timesync = !conf->kdc_timesync,
        .gives_codes = p->ask_code || p->ask_otp || p->gives_codes,
        .gives_pins = p->ask_otp != NULL,
        .pac_said = p->pac_said,
        .pac_wanted = p->pac_wanted,
        .preauth_allowed = realm && realm->disable_encrypted_timestamp ? no_timestamp : NULL,
        .optimistic = p->unasked != NULL,
        .optimistic_types = p->unasked,
        .salt_said = p->salt_said,
        .salt = p->salt,
        .addresses = p->addresses,
    };
    if (!p->addresses_said && !conf->noaddresses)
        TRY(net_addresses(conf, l->arena, &out->addresses, err));
    take_preauth(l, out);
    TRY(login_take_pkinit(l, out, err));
    TRY(take_armor(l, out, err));
    return order_etypes(l, &out->etypes, err);
}

static enum obol_code give_keytab_key(struct login_machine *l, const struct client_output *want,
                                      struct error *err) {
    const struct login_params *p = &l->params;
    struct error first, later;
    error_init(&first);
    ENSURE(want->hint_count > 0, KEYTAB_NO_ENTRY, "the KDC names no enctype for the client");
    for (size_t i = 0; i < want->hint_count; i++) {
        error_init(&later);
        enum obol_code code =
            keytab_find(p->keytab, p->keytab_path, &want->principal, 0, want->hints[i].etype,
                        &l->entry, i == 0 ? &first : &later);
        if (code == OBOL_OK)
            return as_client_key(&l->client, l->entry->key.keytype, l->entry->key.keyvalue, err);
    }
    return net_fail(err, &first);
}

// A key that the KDC does not take is an old one: keys of a keytab are not typed wrongly.
static enum obol_code old_key(const struct login_machine *l, enum obol_code code,
                              struct error *err) {
    bool refused = code == OBOL_KDC_ERR_PREAUTH_FAILED || code == OBOL_DECRYPT_INTEGRITY;
    if (!l->entry || !refused)
        return code;
    struct slice name = principal_text(&l->params.client, l->arena);
    error_fact(err, "keytab", "%s", l->params.keytab_path);
    error_fact(err, "kvno in the keytab", "%u", l->entry->kvno);
    code = error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, "old_key",
                         "the KDC of %.*s does not take the key of %.*s, kvno %u, from %s",
                         SLICE_ARG(l->params.client.realm), SLICE_ARG(name), l->entry->kvno,
                         l->params.keytab_path);
    error_remedy(err,
                 "The KDC has another key by now: extract the keytab again, obol keytab create %s "
                 "%.*s.",
                 l->params.keytab_path, SLICE_ARG(name));
    return code;
}

// False where the key is the caller's to give.
static bool has_key(const struct login_machine *l) {
    return l->params.keytab || l->params.ask;
}

static enum obol_code give_key(struct login_machine *l, const struct client_output *want,
                               struct error *err) {
    if (l->params.keytab)
        return give_keytab_key(l, want, err);
    ENSURE(!l->asked.ptr, PASSWORD_NEEDED, "for %.*s",
           SLICE_ARG(principal_text(&want->principal, l->arena)));
    TRY(l->params.ask(l->params.ask_ctx, &want->principal, &l->asked, err));
    as_client_password(&l->client, &l->asked);
    return OBOL_OK;
}

static enum obol_code give_code(struct login_machine *l, const struct client_output *want,
                                struct error *err) {
    const struct login_params *p = &l->params;
    struct login_otp *otp = &l->otp;
    secret_clear(&otp->code);
    secret_clear(&otp->pin);
    if (p->ask_otp) {
        TRY(p->ask_otp(p->ask_ctx, &want->principal, want->challenge, otp, err));
        as_client_code_of(&l->client, otp->token, &otp->code, otp->pin.ptr ? &otp->pin : NULL);
        return OBOL_OK;
    }
    TRY(p->ask_code(p->ask_ctx, &want->principal, want->tokens, &otp->code, err));
    as_client_code(&l->client, &otp->code);
    return OBOL_OK;
}

// What others read from the cache besides the ticket: that the KDC can do FAST, and how the client
// showed who it is.
static enum obol_code store(const struct login_machine *l, const struct login_result *r,
                            struct error *err) {
    struct cred creds[3] = {r->ticket};
    struct ccache_content content = {
        .principal = r->ticket.client,
        .creds = creds,
        .count = 1,
        .has_offset = l->net.conf->kdc_timesync,
        .offset = r->facts.clock_offset,
    };
    if (r->facts.fast_available)
        TRY(ccache_config_cred(&r->ticket.client, "fast_avail", &r->ticket.server,
                               SLICE_LITERAL("yes"), l->arena, &creds[content.count++], err));
    if (r->facts.preauth) {
        struct slice type = arena_printf(l->arena, "%d", r->facts.preauth);
        TRY(ccache_config_cred(&r->ticket.client, "pa_type", &r->ticket.server, type, l->arena,
                               &creds[content.count++], err));
    }
    return ccache_initialize(l->params.cache, &content, err);
}

// Steps on as long as the machine wants what is at hand.
static enum obol_code step(struct login_machine *l, struct slice reply, struct client_output *want,
                           struct error *err) {
    for (;;) {
        TRY(as_client_step(&l->client, reply, want, err));
        if (want->want == CLIENT_CODE && (l->params.ask_code || l->params.ask_otp))
            TRY(give_code(l, want, err));
        else if (want->want == CLIENT_KEY && has_key(l))
            TRY(give_key(l, want, err));
        else
            return OBOL_OK;
        reply = (struct slice){0};
    }
}

enum obol_code login_step(struct login_machine *l, struct slice reply, struct client_output *want,
                          struct login_result *out, struct error *err) {
    enum obol_code code = step(l, reply, want, err);
    if (code != OBOL_OK)
        return old_key(l, code, err);
    if (want->want != CLIENT_DONE)
        return OBOL_OK;
    *out = (struct login_result){l->client.ticket, l->client.facts};
    return l->params.cache ? store(l, out, err) : OBOL_OK;
}

enum obol_code login_password(struct login_machine *l, struct slice password, struct error *err) {
    secret_clear(&l->asked);
    ENSURE(secret_copy(&l->asked, password), NO_MEMORY, "no room for a password");
    as_client_password(&l->client, &l->asked);
    return OBOL_OK;
}

enum obol_code login_code(struct login_machine *l, struct slice code, struct error *err) {
    secret_clear(&l->otp.code);
    ENSURE(secret_copy(&l->otp.code, code), NO_MEMORY, "no room for a one-time code");
    as_client_code(&l->client, &l->otp.code);
    return OBOL_OK;
}

enum obol_code login_begin(struct login_machine *l, const struct net *net,
                           const struct login_params *params, struct arena *a, struct error *err) {
    struct as_params as;
    *l = (struct login_machine){.net = *net, .params = *params, .arena = a};
    TRY(as_params_of(l, &as, err));
    TRY(as_client_init(&l->client, &as, net_env(net), a, err));
    if (params->password)
        as_client_password(&l->client, params->password);
    return OBOL_OK;
}

static enum obol_code exchange(struct login_machine *l, const struct net *net,
                               struct login_result *out, struct error *err) {
    struct client_output want;
    struct slice reply = {0};
    for (;;) {
        enum obol_code code = login_step(l, reply, &want, out, err);
        if (code != OBOL_OK && reply.len)
            net_tell_kdc(net->memory, err);
        TRY(code);
        if (want.want == CLIENT_DONE)
            return OBOL_OK;
        ENSURE(want.want == CLIENT_SEND, PASSWORD_NEEDED, "for %.*s",
               SLICE_ARG(principal_text(&want.principal, l->arena)));
        TRY(net_exchange(net, want.realm, want.message, want.tcp, l->arena, &reply, err));
    }
}

static enum obol_code drive(struct login_machine *l, struct login_result *out, struct error *err) {
    struct net_memory memory = {0};
    struct net net = l->net;
    if (!net.memory)
        net.memory = &memory;
    return exchange(l, &net, out, err);
}

enum obol_code net_login(const struct net *net, const struct login_params *params, struct arena *a,
                         struct login_result *out, struct error *err) {
    CLEANUP(login_end) struct login_machine l = {.net = *net};
    TRY(login_begin(&l, net, params, a, err));
    return drive(&l, out, err);
}
