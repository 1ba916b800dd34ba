// cmd_ticket.c: obol ticket SPN (kvno): the TGT becomes a ticket for a service.
#include "cli/client.h"
#include "cli/commands.h"
#include "net/acting.h"

struct ticket_options {
    bool fresh, no_store, cached_only, enterprise, anonymous;
    struct slice enctypes, service, user, certificate;
};
static const struct cli_option OPTIONS[] = {
    {"service", 'S', CLI_TEXT, offsetof(struct ticket_options, service), "NAME",
     "the arguments are hosts, and this is their service: HTTP, host, ldap", 0, 0},
    {"for", 0, CLI_TEXT, offsetof(struct ticket_options, user), "USER",
     "in USER's name (S4U2Self, S4U2Proxy): we are a service that acts for its users", 0, 0},
    {"for-certificate", 0, CLI_TEXT, offsetof(struct ticket_options, certificate), "FILE",
     "as --for, in the name of whose certificate (PEM) it is; with --for, it must be USER's", 0, 0},
    {"enterprise", 'E', CLI_FLAG, offsetof(struct ticket_options, enterprise), NULL,
     "USER of --for is an enterprise name, user@mail.domain, whose realm the KDC finds", 0, 0},
    {"enctype", 'e', CLI_TEXT, offsetof(struct ticket_options, enctypes), "LIST",
     "encryption types of the session key to ask for, best first", 0, 0},
    {"fresh", 0, CLI_FLAG, offsetof(struct ticket_options, fresh), NULL,
     "ask the KDC even if the cache has one, which the new one replaces", 0, 0},
    {"no-store", 0, CLI_FLAG, offsetof(struct ticket_options, no_store), NULL,
     "leave the cache as it is", 0, 0},
    {"cached-only", 0, CLI_FLAG, offsetof(struct ticket_options, cached_only), NULL,
     "ask no KDC: fail unless the cache has one", 0, 0},
    {"anonymous", 'n', CLI_FLAG, offsetof(struct ticket_options, anonymous), NULL,
     "one that does not say whose it is; the KDC is asked, and the cache does not keep it as ours",
     0, 0},
    {0}};

// To ourselves that shows for whom we act, and with it the ticket to another service. The cache is
// ours, and keeps neither.
static enum obol_code get_acting(struct cli *c, const struct net *net,
                                 const struct ticket_options *o, struct ticket_params *params,
                                 struct ticket_result *out, struct error *err) {
    struct principal user;
    struct slice shown = {0};
    if (o->user.len)
        TRY(client_user(c, params->cache, o->user, o->enterprise, &user, err));
    if (o->certificate.len)
        TRY(client_certificate(c, o->certificate, &shown, err));
    TRY(net_evidence(net, params->cache, o->user.len ? &user : NULL, shown, c->arena, out, err));
    const struct cred evidence = out->ticket;
    if (principal_eq(&params->service, &evidence.server))
        return OBOL_OK;
    return net_ticket_acting(net, params, &evidence, c->arena, out, err);
}

static bool acts(const struct ticket_options *o) {
    return o->user.len || o->certificate.len;
}

static enum obol_code get_one(struct cli *c, const struct net *net, struct slice word,
                              const struct ticket_options *o, struct ticket_params *params,
                              struct ticket_result *out, struct error *err) {
    if (o->service.len)
        return net_ticket_for_host(net, params, o->service, word, c->arena, out, err);
    TRY(client_spn(c, params->cache, word, &params->service, err));
    if (acts(o))
        return get_acting(c, net, o, params, out, err);
    enum obol_code code = net_ticket(net, params, c->arena, out, err);
    if (code != OBOL_OK)
        client_suggest_service(c, params->cache, &params->service, err);
    return code;
}

static void add_row(struct cli *c, struct cli_table *t, const struct ticket_result *r) {
    int32_t etype = 0;
    uint32_t kvno = 0;
    bool whole = client_sealed_with(c, r->ticket.ticket, &etype, &kvno); // a cache holds anything
    cli_cell(t, principal_text(&r->ticket.server, c->arena));
    if (kvno)
        cli_cellf(t, "%u", kvno);
    else
        cli_cell(t, SLICE_LITERAL("-")); // not said
    cli_cellf(t, "%s", whole ? client_etype_name(c, etype) : "no ticket");
    cli_cellf(t, "%s", client_etype_name(c, r->ticket.key.keytype));
    cli_cell(t, cli_time(c, r->ticket.endtime));
    cli_cell(t, r->from_cache ? SLICE_LITERAL("cache") : SLICE_LITERAL("KDC"));
}

static void add_json(struct cli *c, struct cli_json *j, const struct ticket_result *r) {
    json_object(j, NULL);
    client_ticket_json(c, j, &r->ticket, env_now(c->env) + r->clock_offset);
    json_bool(j, "from_cache", r->from_cache);
    json_close(j);
}

static enum obol_code ticket(struct cli *c, const void *options, struct error *err) {
    const struct ticket_options *o = options;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct net net;
    TRY(client_net(c, &net, err));
    TRY(client_cache(c, &cache, err));
    struct ticket_params params = {.cache = cache,
                                   .no_cached = o->fresh || o->anonymous,
                                   .no_store = o->no_store,
                                   .replace = o->fresh,
                                   .cached_only = o->cached_only};
    if (o->anonymous)
        params.options = (uint32_t)KDC_OPT_REQUEST_ANONYMOUS;
    TRY(client_etypes(c, o->enctypes, &params.etypes, err));
    ENSURE(!o->anonymous || (!acts(o) && !o->cached_only), USAGE,
           "--anonymous goes with neither --for nor --cached-only");
    ENSURE(!acts(o) || !o->service.len, USAGE,
           "--for takes the whole names of services, and no --service");
    ENSURE(!o->enterprise || o->user.len, USAGE, "--enterprise tells how USER of --for is meant");
    struct cli_table t;
    struct cli_json j = json_begin(c);
    cli_table_begin(&t, c, "Service|kvno|Ticket|Session key|Valid until|From");
    if (c->json)
        json_array(&j, NULL);
    enum obol_code code = OBOL_OK;
    // Those that were got before one failed are shown.
    for (size_t i = 0; code == OBOL_OK && i < c->arg_count; i++) {
        struct ticket_result result;
        code = get_one(c, &net, c->args[i], o, &params, &result, err);
        if (code == OBOL_OK && c->json)
            add_json(c, &j, &result);
        else if (code == OBOL_OK)
            add_row(c, &t, &result);
    }
    if (c->json)
        json_end(&j);
    else if (t.count)
        cli_table_end(&t);
    return code;
}

const struct cli_command CMD_TICKET = {
    .name = "ticket",
    .group = CLI_GROUP_CLIENT,
    .summary = "get a ticket for a service",
    .arguments = "SPN...",
    .details = "The ticket comes from the cache if it is there, else from the KDC, and is then "
               "kept in the cache.",
    .examples =
        "obol ticket HTTP/web.example.com\tget it and show which key it is sealed with\n"
        "obol ticket -S HTTP web\tthe full name of the host is found first\n"
        "obol ticket --for alice HTTP/back\ta service's ticket to another in alice's name\n",
    .options = OPTIONS,
    .options_size = sizeof(struct ticket_options),
    .min_args = 1,
    .max_args = CLI_ANY_ARGS,
    .wants = CLI_WANTS_CACHE,
    .run = ticket,
};
