// cmd_login.c: obol login (kinit): a password or keytab becomes a TGT in a credential cache.
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "net/login.h"
#include "net/ticket.h"
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

struct login_options {
    struct slice keytab, service, enctypes;
    int64_t lifetime, renewable, start;
    bool use_keytab, client_keytab, forwardable, not_forwardable, proxiable, not_proxiable;
    bool canonicalize, enterprise, renew, validate;
};
#define OPTION(name, letter, type, member, argument, help)                                         \
    { name, letter, type, offsetof(struct login_options, member), argument, help, 0, 0 }
static const struct cli_option OPTIONS[] = {
    OPTION("keytab", 't', CLI_TEXT, keytab, "FILE", "log in with a key of this keytab"),
    OPTION("use-keytab", 'k', CLI_FLAG, use_keytab, NULL,
           "log in with a key of the default keytab"),
    OPTION("client-keytab", 'i', CLI_FLAG, client_keytab, NULL,
           "log in with a key of the default client keytab"),
    OPTION("lifetime", 'l', CLI_DURATION, lifetime, "DURATION", "how long the ticket is to live"),
    OPTION("renewable", 'r', CLI_DURATION, renewable, "DURATION", "how long it is to be renewable"),
    OPTION("start", 's', CLI_DURATION, start, "DURATION", "from when on it is to be valid"),
    OPTION("forwardable", 'f', CLI_FLAG, forwardable, NULL, "it may be forwarded"),
    OPTION("not-forwardable", 'F', CLI_FLAG, not_forwardable, NULL, "it may not"),
    OPTION("proxiable", 'p', CLI_FLAG, proxiable, NULL, "it may be proxied"),
    OPTION("not-proxiable", 'P', CLI_FLAG, not_proxiable, NULL, "it may not"),
    OPTION("canonicalize", 'C', CLI_FLAG, canonicalize, NULL,
           "the KDC may answer with the canonical name"),
    OPTION("enterprise", 'E', CLI_FLAG, enterprise, NULL,
           "NAME is an enterprise name, user@mail.domain"),
    OPTION("service", 'S', CLI_TEXT, service, "SPN", "a ticket for this service, not the TGS"),
    OPTION("enctype", 'e', CLI_TEXT, enctypes, "LIST", "encryption types to offer, best first"),
    OPTION("renew", 'R', CLI_FLAG, renew, NULL, "renew the ticket of the cache"),
    OPTION("validate", 'v', CLI_FLAG, validate, NULL, "validate the postdated one of the cache"),
    {0}};

static enum obol_code ask(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err) {
    struct cli *c = ctx;
    struct slice prompt =
        arena_printf(c->arena, "Password for %.*s", SLICE_ARG(principal_text(client, c->arena)));
    return cli_password(c, prompt, out, err);
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

static enum obol_code fill_params(struct cli *c, const struct login_options *o,
                                  const struct krb5conf *conf, struct login_params *p,
                                  struct error *err) {
    ENSURE(o->start >= 0 && o->lifetime >= 0 && o->renewable >= 0, USAGE, "a negative duration");
    *p = (struct login_params){.cache = p->cache,
                               .ask = ask,
                               .ask_ctx = c,
                               .start = o->start,
                               .lifetime = o->lifetime,
                               .renew_lifetime = o->renewable};
    TRY(read_keytab(c, o, conf, p, err));
    TRY(client_etypes(c, o->enctypes, &p->etypes, err));
    set_flags(o, p);
    if (c->arg_count == 0)
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

// What the user should know besides: his password ends soon, his clock is off.
static void show_facts(struct cli *c, const struct as_facts *facts, int64_t now) {
    int64_t left = facts->password_expires - now;
    if (facts->password_expires && left < 7 * 86400)
        cli_print(c, CLI_WARN, "The password expires on %.*s.\n",
                  SLICE_ARG(cli_time(c, facts->password_expires)));
    if (facts->clock_offset > 5 || facts->clock_offset < -5)
        cli_print(c, CLI_WARN, "The KDC's clock is %lld seconds %s this one.\n",
                  (long long)llabs(facts->clock_offset),
                  facts->clock_offset > 0 ? "ahead of" : "behind");
}

static void show(struct cli *c, const struct cred *ticket, const struct as_facts *facts,
                 struct slice cache) {
    int64_t now = env_now(c->env);
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "cache", cache);
        client_ticket_json(c, &j, ticket, now + facts->clock_offset);
        json_number(&j, "clock_offset", facts->clock_offset);
        json_time(&j, "password_expires", facts->password_expires);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(principal_text(&ticket->client, c->arena)));
    cli_print(c, CLI_PLAIN, " is logged in until %.*s", SLICE_ARG(cli_time(c, ticket->endtime)));
    if (ticket->renew_till)
        cli_print(c, CLI_PLAIN, ", renewable until %.*s",
                  SLICE_ARG(cli_time(c, ticket->renew_till)));
    cli_print(c, CLI_PLAIN, " (%.*s)\n", SLICE_ARG(cache));
    show_facts(c, facts, now);
}

static enum obol_code login(struct cli *c, const void *options, struct error *err) {
    const struct login_options *o = options;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct net net;
    TRY(client_net(c, &net, err));
    TRY(client_cache(c, &cache, err));
    if (o->renew || o->validate) {
        struct ticket_result renewed;
        TRY(net_renew(&net, cache, o->validate, c->arena, &renewed, err));
        struct as_facts facts = {.clock_offset = renewed.clock_offset};
        show(c, &renewed.ticket, &facts, ccache_name(cache));
        return OBOL_OK;
    }
    struct login_params params = {.cache = cache};
    struct login_result result;
    TRY(fill_params(c, o, net.conf, &params, err));
    TRY(net_login(&net, &params, c->arena, &result, err));
    show(c, &result.ticket, &result.facts, ccache_name(cache));
    return OBOL_OK;
}

const struct cli_command CMD_LOGIN = {
    .name = "login",
    .group = CLI_GROUP_CLIENT,
    .summary = "log in: get a ticket-granting ticket",
    .arguments = "[NAME]",
    .details = "The password stays on this machine: a key is made of it, which opens what the KDC "
               "sends. Without NAME: whose cache it is, else your user name.",
    .examples = "obol login alice\task for the password and log in\n"
                "obol login -k -t /etc/web.keytab HTTP/web.example.com\tlog in as a service\n"
                "obol login -R\trenew before the ticket ends\n",
    .options = OPTIONS,
    .options_size = sizeof(struct login_options),
    .max_args = 1,
    .wants = CLI_WANTS_CACHE | CLI_WANTS_PASSWORD,
    .run = login,
};
