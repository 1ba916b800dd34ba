// login.c: a login as its options ask for it; see login.h.
#include "cli/login.h"
#include "cli/password.h"
#include "net/addresses.h"
#include "net/ticket.h"
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

static enum obol_code ask(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err) {
    struct cli *c = ctx;
    struct slice prompt =
        arena_printf(c->arena, "Password for %.*s", SLICE_ARG(principal_text(client, c->arena)));
    return cli_password(c, prompt, out, err);
}

static enum obol_code ask_code(void *ctx, const struct principal *client, struct slice tokens,
                               struct secret *out, struct error *err) {
    struct cli *c = ctx;
    struct slice name = principal_text(client, c->arena);
    struct slice prompt = tokens.len
                              ? arena_printf(c->arena, "One-time code of %.*s for %.*s",
                                             SLICE_ARG(tokens), SLICE_ARG(name))
                              : arena_printf(c->arena, "One-time code for %.*s", SLICE_ARG(name));
    return cli_password(c, prompt, out, err);
}

static enum obol_code ask_for_key(void *ctx, const struct pki_question *question,
                                  struct secret *out, struct error *err) {
    struct cli *c = ctx;
    const struct slice text = pki_question_text(question, c->arena);
    if (question->kind != PKI_ASK_PIN_PAD)
        return cli_password(c, text, out, err);
    fprintf(stderr, "%.*s\n", SLICE_ARG(text));
    return OBOL_OK;
}

// Nobody is named by the realm alone: `@REALM`, or the default one. Who gives a name logs in under
// it, for a ticket that does not tell it.
static enum obol_code anonymous_client(struct cli *c, const struct krb5conf *conf,
                                       struct principal *out, struct error *err) {
    struct slice text = cli_arg(c, 0);
    *out = (struct principal){conf->default_realm, principal_anonymous().name};
    if (text.len && text.ptr[0] == '@')
        out->realm = slice_sub(text, 1, text.len);
    else if (text.len)
        TRY(principal_parse(text, conf->default_realm, NT_UNKNOWN, c->arena, out, err));
    if (principal_name_is_anonymous(&out->name))
        out->name.name_type = NT_WELLKNOWN;
    ENSURE(out->realm.len, CONFIG_NO_REALM, "an anonymous login is to a realm: `@REALM`");
    return OBOL_OK;
}

// default_client: whose cache this is, else the first of the keytab, else the user's own name.
static enum obol_code default_client(struct cli *c, const struct krb5conf *conf,
                                     const struct login_params *p, struct principal *out,
                                     struct error *err) {
    struct ccache_content content;
    if (p->keytab && p->keytab->count) {
        *out = p->keytab->entries[0].principal;
        return OBOL_OK;
    }
    if (ccache_read(p->cache, c->arena, &content, NULL) == OBOL_OK) {
        *out = content.principal;
        return OBOL_OK;
    }
    char room[4096];
    struct passwd entry, *found = NULL;
    bool known = getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found;
    ENSURE(known, USAGE, "who is to log in? `obol login NAME`");
    return principal_parse(slice_str(found->pw_name), conf->default_realm, NT_UNKNOWN, c->arena,
                           out, err);
}

static enum obol_code read_keytab(struct cli *c, const struct login_options *o,
                                  const struct krb5conf *conf, struct login_params *p,
                                  struct error *err) {
    if (!o->use_keytab && !o->client_keytab && o->keytab.len == 0)
        return OBOL_OK;
    struct keytab_content *content = arena_zalloc(c->arena, 1, sizeof *content);
    ENSURE_MEMORY(content);
    if (o->client_keytab && o->keytab.len == 0)
        TRY(keytab_client_path(conf, c->arena, &p->keytab_path, err));
    else
        TRY(keytab_path(o->keytab, conf, c->arena, &p->keytab_path, err));
    TRY(keytab_read(p->keytab_path, c->arena, content, err));
    p->keytab = content;
    return OBOL_OK;
}

static void set_flags(const struct login_options *o, struct login_params *p) {
    const struct {
        bool on, off;
        uint32_t option;
    } rows[] = {
        {o->forwardable, o->not_forwardable, (uint32_t)KDC_OPT_FORWARDABLE},
        {o->proxiable, o->not_proxiable, (uint32_t)KDC_OPT_PROXIABLE},
        {o->canonicalize || o->enterprise, false, (uint32_t)KDC_OPT_CANONICALIZE},
        {o->start > 0, false, (uint32_t)(KDC_OPT_ALLOW_POSTDATE | KDC_OPT_POSTDATED)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        p->options_on |= rows[i].on ? rows[i].option : 0;
        p->options_off |= rows[i].off ? rows[i].option : 0;
    }
}

// choose_cache takes the cache of the client, where the default is a collection.
static enum obol_code choose_cache(struct cli *c, const struct krb5conf *conf,
                                   const struct principal *client, struct ccache **cache,
                                   struct login_done *done, struct error *err) {
    const struct slice kind = slice_str(ccache_kind(*cache));
    struct ccache_content content;
    struct ccache *other = NULL;
    if (c->cache.len || !ccache_kind_collects(kind))
        return OBOL_OK;
    bool taken = ccache_read(*cache, c->arena, &content, NULL) == OBOL_OK;
    if (taken && principal_eq(&content.principal, client))
        return OBOL_OK;
    if (ccache_match(&other, client, c->cache, conf, c->arena, NULL) != OBOL_OK) {
        if (!taken)
            return OBOL_OK;
        TRY(ccache_new_unique(&other, kind, conf, c->cache, err));
        done->new_cache = true;
    }
    ccache_close(*cache);
    *cache = other;
    done->other_cache = true;
    return OBOL_OK;
}

// What the ticket is bound to, where the user says it.
static enum obol_code take_addresses(struct cli *c, const struct login_options *o,
                                     const struct krb5conf *conf, struct login_params *p,
                                     struct error *err) {
    ENSURE(!o->addresses || !o->no_addresses, USAGE, "with addresses and without");
    p->addresses_said = o->addresses || o->no_addresses;
    return o->addresses ? net_addresses(conf, c->arena, &p->addresses, err) : OBOL_OK;
}

static enum obol_code fill_params(struct cli *c, const struct login_options *o,
                                  const struct krb5conf *conf, struct login_params *p,
                                  struct error *err) {
    ENSURE(o->start >= 0 && o->lifetime >= 0 && o->renewable >= 0, USAGE,
           "--start, --lifetime or --renewable is negative");
    *p = (struct login_params){.cache = p->cache,
                               .ask = ask,
                               .ask_code = ask_code,
                               .ask_ctx = c,
                               .ask_passphrase = ask_for_key,
                               .identity = o->certificate,
                               .anchors = o->anchors,
                               .anonymous = o->anonymous,
                               .start = o->start,
                               .lifetime = o->lifetime,
                               .renew_lifetime = o->renewable};
    TRY(take_addresses(c, o, conf, p, err));
    TRY(read_keytab(c, o, conf, p, err));
    TRY(client_etypes(c, o->enctypes, &p->etypes, err));
    set_flags(o, p);
    if (o->anonymous)
        TRY(anonymous_client(c, conf, &p->client, err));
    else if (c->arg_count == 0)
        TRY(default_client(c, conf, p, &p->client, err));
    else
        TRY(principal_parse(cli_arg(c, 0), conf->default_realm,
                            o->enterprise ? NT_ENTERPRISE : NT_UNKNOWN, c->arena, &p->client, err));
    if (o->service.len == 0)
        return OBOL_OK;
    struct principal *service = arena_zalloc(c->arena, 1, sizeof *service);
    ENSURE_MEMORY(service);
    p->service = service;
    return principal_parse(o->service, p->client.realm, NT_UNKNOWN, c->arena, service, err);
}

static enum obol_code renew(struct cli *c, const struct login_options *o, const struct net *net,
                            struct ccache **cache, struct login_done *out, struct error *err) {
    struct principal client;
    struct ticket_result renewed;
    if (c->arg_count) {
        TRY(principal_parse(cli_arg(c, 0), net->conf->default_realm, NT_UNKNOWN, c->arena, &client,
                            err));
        TRY(choose_cache(c, net->conf, &client, cache, out, err));
    }
    TRY(net_renew(net, *cache, o->validate, c->arena, &renewed, err));
    out->ticket = renewed.ticket;
    out->facts.clock_offset = renewed.clock_offset;
    return OBOL_OK;
}

static enum obol_code log_in(struct cli *c, const struct login_options *o, const struct net *net,
                             struct ccache **cache, struct login_done *out, struct error *err) {
    struct login_params params = {.cache = *cache};
    struct login_result result;
    CLEANUP(client_close) struct ccache *armor = NULL;
    TRY(fill_params(c, o, net->conf, &params, err));
    if (o->armor.len)
        TRY(ccache_open(&armor, o->armor, net->conf, err));
    params.armor = armor;
    params.armor_required = !o->armor_optional;
    TRY(choose_cache(c, net->conf, &params.client, cache, out, err));
    params.cache = *cache;
    TRY(net_login(net, &params, c->arena, &result, err));
    out->ticket = result.ticket;
    out->facts = result.facts;
    return OBOL_OK;
}

enum obol_code login_perform(struct cli *c, const struct login_options *o, struct ccache **cache,
                             struct login_done *out, struct error *err) {
    struct net net;
    *out = (struct login_done){0};
    TRY(client_net(c, &net, err));
    enum obol_code code = o->renew || o->validate ? renew(c, o, &net, cache, out, err)
                                                  : log_in(c, o, &net, cache, out, err);
    if (code == OBOL_OK)
        return out->other_cache ? ccache_make_primary(*cache, err) : OBOL_OK;
    // The name of a new one was reserved; nothing came of it.
    enum obol_code gone = out->new_cache ? ccache_destroy(*cache, NULL) : OBOL_OK;
    UNUSED(gone);
    return code;
}
