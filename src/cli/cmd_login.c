// cmd_login.c: `obol login`: a password or a keytab becomes a ticket-granting ticket (kinit).
#include "cli/client_show.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/password.h"
#include "net/login.h"
#include "net/ticket.h"
#include "proto/codes.h"
#include <pwd.h>
#include <unistd.h>

struct login_options {
    struct slice keytab, service;
    struct slice_list etypes;
    int64_t lifetime, renewable, start;
    bool use_keytab, forwardable, not_forwardable, proxiable, canonicalize, renew, validate;
};
#define AT(member) offsetof(struct login_options, member)
static const struct cli_option login_table[] = {
    {"lifetime", 'l', CLI_DURATION, AT(lifetime), "DURATION", "how long the ticket is to be valid",
     0, 0},
    {"renewable", 'r', CLI_DURATION, AT(renewable), "DURATION", "for how long it may be renewed", 0,
     0},
    {"start", 's', CLI_DURATION, AT(start), "DURATION", "begin to be valid only so much later", 0,
     0},
    {"forwardable", 'f', CLI_FLAG, AT(forwardable), NULL, "ask for a TGT that may be forwarded", 0,
     0},
    {"not-forwardable", 'F', CLI_FLAG, AT(not_forwardable), NULL, "ask for one that may not", 0, 0},
    {"proxiable", 0, CLI_FLAG, AT(proxiable), NULL, "ask for one that allows proxy tickets", 0, 0},
    {"canonicalize", 'C', CLI_FLAG, AT(canonicalize), NULL,
     "let the KDC replace the name by its own", 0, 0},
    {"use-keytab", 'k', CLI_FLAG, AT(use_keytab), NULL, "log in with the default keytab", 0, 0},
    {"keytab", 't', CLI_TEXT, AT(keytab), "FILE", "log in with a key of this keytab", 0, 0},
    {"service", 'S', CLI_TEXT, AT(service), "SPN", "ask for a ticket for this service instead", 0,
     0},
    {"enctype", 'e', CLI_LIST, AT(etypes), "ENCTYPE", "offer this enctype; may be given again", 0,
     0},
    {"renew", 'R', CLI_FLAG, AT(renew), NULL, "renew the TGT that is there", 0, 0},
    {"validate", 'v', CLI_FLAG, AT(validate), NULL, "validate the postdated TGT that is there", 0,
     0},
    {0},
};
#undef AT

struct prompt {
    struct cli *cli;
};

static enum obol_code ask(void *ctx, const struct principal *client, struct secret *out,
                          struct error *err) {
    struct cli *c = ((struct prompt *)ctx)->cli;
    struct slice name = principal_text(client, c->arena);
    return cli_password(c, arena_printf(c->arena, "Password for %.*s", SLICE_ARG(name)), out, err);
}

// Who logs in: the argument; else with a keytab its first name; else who has the cache; else the
// user's own name.
static enum obol_code find_client(struct cli *c, const struct krb5conf *conf,
                                  const struct keytab_content *keytab, struct ccache *cache,
                                  struct principal *out, struct error *err) {
    struct ccache_content content;
    if (c->arg_count)
        return principal_parse(c->args[0], conf->default_realm, NT_UNKNOWN, c->arena, out, err);
    if (keytab && keytab->count) {
        *out = keytab->entries[0].principal;
        return OBOL_OK;
    }
    if (ccache_read(cache, c->arena, &content, NULL) == OBOL_OK) {
        *out = content.principal;
        return OBOL_OK;
    }
    const struct passwd *user = getpwuid(getuid());
    ENSURE(user != NULL, USAGE, "say who logs in: obol login NAME");
    return principal_parse(slice_str(user->pw_name), conf->default_realm, NT_UNKNOWN, c->arena, out,
                           err);
}

static enum obol_code read_etypes(struct cli *c, const struct slice_list *names,
                                  struct int32_list *out, struct error *err) {
    out->items = arena_zalloc(c->arena, names->count, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < names->count; i++) {
        const struct enctype *e = enctype_by_name(names->items[i]);
        ENSURE(e != NULL, ENCTYPE_UNSUPPORTED, "\"%.*s\" is no enctype",
               SLICE_ARG(names->items[i]));
        out->items[out->count++] = enctype_number(e);
    }
    return OBOL_OK;
}

static void show(struct cli *c, const struct login_result *r, struct ccache *cache) {
    const struct cred *t = &r->ticket;
    struct slice client = principal_text(&t->client, c->arena);
    struct slice server = principal_text(&t->server, c->arena);
    if (!c->json) {
        cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(client));
        cli_print(c, CLI_PLAIN, " has a ticket for %.*s until %.*s, in %.*s\n", SLICE_ARG(server),
                  SLICE_ARG(cli_time(c, t->endtime)), SLICE_ARG(ccache_name(cache)));
        if (r->facts.password_expires)
            cli_warn(c, "the password expires %.*s",
                     SLICE_ARG(cli_time(c, r->facts.password_expires)));
        return;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    json_text(&j, "client", client);
    json_text(&j, "service", server);
    json_text(&j, "cache", ccache_name(cache));
    json_time(&j, "endtime", t->endtime);
    json_time(&j, "renew-till", t->renew_till);
    json_number(&j, "session-enctype", t->key.keytype);
    json_number(&j, "clock-offset", r->facts.clock_offset);
    json_bool(&j, "request-verified", r->facts.request_verified);
    json_end(&j);
}

static uint32_t options_on(const struct login_options *o) {
    return (o->forwardable ? (uint32_t)KDC_OPT_FORWARDABLE : 0) |
           (o->proxiable ? (uint32_t)KDC_OPT_PROXIABLE : 0) |
           (o->canonicalize ? (uint32_t)KDC_OPT_CANONICALIZE : 0);
}

static enum obol_code log_in(struct cli *c, const struct login_options *o, struct net *net,
                             struct ccache *cache, struct error *err) {
    struct keytab_content keytab;
    struct principal service;
    struct secret password CLEANUP(secret_clear) = {0};
    struct prompt prompt = {c};
    struct login_params p = {
        .ask = ask,
        .ask_ctx = &prompt,
        .options_on = options_on(o),
        .options_off = o->not_forwardable ? (uint32_t)KDC_OPT_FORWARDABLE : 0,
        .start = o->start,
        .lifetime = o->lifetime,
        .renew_lifetime = o->renewable,
        .cache = cache,
    };
    if (o->use_keytab || o->keytab.len) {
        TRY(keytab_path(o->keytab, net->conf, c->arena, &p.keytab_path, err));
        TRY(keytab_read(p.keytab_path, c->arena, &keytab, err));
        p.keytab = &keytab;
    }
    TRY(find_client(c, net->conf, p.keytab, cache, &p.client, err));
    if (o->service.len) {
        TRY(principal_parse(o->service, p.client.realm, NT_UNKNOWN, c->arena, &service, err));
        p.service = &service;
    }
    if (o->etypes.count)
        TRY(read_etypes(c, &o->etypes, &p.etypes, err));
    struct login_result result;
    TRY(net_login(net, &p, c->arena, &result, err));
    show(c, &result, cache);
    return OBOL_OK;
}

static enum obol_code login_run(struct cli *c, const void *options, struct error *err) {
    const struct login_options *o = options;
    struct net net = {.env = c->env};
    struct ccache *cache CLEANUP(cli_ccache_close) = NULL;
    TRY(cli_config(c, &net.conf, err));
    TRY(ccache_open(&cache, c->cache, net.conf, err));
    if (!o->renew && !o->validate)
        return log_in(c, o, &net, cache, err);
    struct ticket_result renewed;
    TRY(net_renew(&net, cache, o->validate, c->arena, &renewed, err));
    const struct login_result result = {.ticket = renewed.ticket};
    show(c, &result, cache);
    return OBOL_OK;
}

const struct cli_command CMD_LOGIN = {
    .name = "login",
    .group = CLI_GROUP_CLIENT,
    .summary = "get a ticket-granting ticket with a password or keytab",
    .arguments = "[PRINCIPAL]",
    .examples = "obol login alice\tasks for the password\n"
                "obol login -t web.keytab HTTP/web.example.com\twith a key of a keytab\n"
                "obol login --renew\trenews the TGT that is there\n",
    .options = login_table,
    .options_size = sizeof(struct login_options),
    .max_args = 1,
    .wants = CLI_WANTS_PASSWORD | CLI_WANTS_CACHE,
    .run = login_run,
};
