// cmd_ticket.c: `obol ticket` gets a ticket for a service by its SPN (kvno); `obol token` makes the
// token that shows it to the service, and checks the service's answer.
#include "base/hex.h"
#include "cli/client_show.h"
#include "cli/commands.h"
#include "crypto/crypto.h"
#include "gss/initiator.h"
#include "net/ticket.h"
#include <stdio.h>

struct ticket_options {
    bool cached, fresh, bare;
};
static const struct cli_option ticket_table[] = {
    {"cached-only", 0, CLI_FLAG, offsetof(struct ticket_options, cached), NULL,
     "do not ask the KDC: fail if the cache has no ticket", 0, 0},
    {"fresh", 0, CLI_FLAG, offsetof(struct ticket_options, fresh), NULL,
     "ask the KDC even if the cache has a ticket", 0, 0},
    {0},
};

// The key version in the Ticket, which tells whether the service's keytab is current.
static uint32_t ticket_kvno(struct cli *c, struct slice bytes) {
    struct ticket t;
    if (der_decode(&TYPE_TICKET, bytes, c->arena, &t, NULL) != OBOL_OK ||
        !(t.enc_part.present & ENCRYPTED_DATA_KVNO))
        return 0;
    return (uint32_t)t.enc_part.kvno;
}

static enum obol_code get_ticket(struct cli *c, const struct ticket_options *o, struct slice spn,
                                 struct ticket_result *out, struct error *err) {
    struct net net = {.env = c->env};
    struct ccache *cache CLEANUP(cli_ccache_close) = NULL;
    TRY(cli_config(c, &net.conf, err));
    TRY(ccache_open(&cache, c->cache, net.conf, err));
    struct ticket_params p = {.cache = cache, .cached_only = o->cached, .no_cached = o->fresh};
    TRY(principal_parse(spn, net.conf->default_realm, NT_UNKNOWN, c->arena, &p.service, err));
    return net_ticket(&net, &p, c->arena, out, err);
}

static enum obol_code ticket_run(struct cli *c, const void *options, struct error *err) {
    struct cli_json j = json_begin(c);
    if (c->json)
        json_array(&j, NULL);
    for (size_t i = 0; i < c->arg_count; i++) {
        struct ticket_result r;
        TRY(get_ticket(c, options, c->args[i], &r, err));
        uint32_t kvno = ticket_kvno(c, r.ticket.ticket);
        if (c->json) {
            json_object(&j, NULL);
            cli_ticket_json(&j, c, &r.ticket);
            json_number(&j, "kvno", kvno);
            json_bool(&j, "from-cache", r.from_cache);
            json_close(&j);
            continue;
        }
        cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(principal_text(&r.ticket.server, c->arena)));
        cli_print(c, CLI_PLAIN, ": kvno = %u, until %.*s%s\n", kvno,
                  SLICE_ARG(cli_time(c, r.ticket.endtime)),
                  r.from_cache ? " (from the cache)" : "");
    }
    if (c->json)
        json_end(&j);
    return OBOL_OK;
}

const struct cli_command CMD_TICKET = {
    .name = "ticket",
    .group = CLI_GROUP_CLIENT,
    .summary = "get a ticket for a service",
    .arguments = "SPN...",
    .examples = "obol ticket HTTP/web.example.com\t\n"
                "obol ticket MSSQLSvc/db.example.com:1433\t\n",
    .options = ticket_table,
    .options_size = sizeof(struct ticket_options),
    .min_args = 1,
    .max_args = CLI_ANY_ARGS,
    .wants = CLI_WANTS_CACHE,
    .run = ticket_run,
};

static const struct cli_option token_table[] = {
    {"krb5", 0, CLI_FLAG, offsetof(struct ticket_options, bare), NULL,
     "a bare krb5 token, without SPNEGO around it", 0, 0},
    {0},
};

static void put_token(struct cli *c, struct slice token) {
    base64_write(&c->out, token);
    writer_str(&c->out, "\n");
    cli_flush(c);
}

// The service's answer: a line of base64 on standard input.
static enum obol_code read_answer(struct cli *c, struct slice *out, struct error *err) {
    char *line = arena_alloc(c->arena, 1 << 16);
    ENSURE_MEMORY(line);
    ENSURE(fgets(line, 1 << 16, stdin) != NULL, MUTUAL_FAILED,
           "the input ended before the service's answer came");
    ENSURE(base64_decode(slice_trim(slice_str(line)), c->arena, out), TOKEN_MALFORMED,
           "the service's answer is no base64");
    return OBOL_OK;
}

static enum obol_code token_run(struct cli *c, const void *options, struct error *err) {
    const struct ticket_options *o = options;
    struct ticket_result r;
    TRY(get_ticket(c, o, c->args[0], &r, err));
    const struct gss_initiator_params params = {
        .ticket = &r.ticket,
        .flags =
            GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_CONF | GSS_FLAG_INTEG,
        .bare_krb5 = o->bare,
    };
    struct gss_initiator g;
    struct slice token, answer;
    TRY(gss_initiator_start(&g, &params, c->env, c->arena, &token, err));
    put_token(c, token);
    while (!g.done) {
        TRY(read_answer(c, &answer, err));
        TRY(gss_initiator_step(&g, answer, &token, err));
        if (token.len)
            put_token(c, token);
    }
    cli_warn(c, "%.*s has proved itself", SLICE_ARG(principal_text(&r.ticket.server, c->arena)));
    return OBOL_OK;
}

const struct cli_command CMD_TOKEN = {
    .name = "token",
    .group = CLI_GROUP_CLIENT,
    .summary = "make the token that shows a ticket to a service",
    .arguments = "SPN",
    .details = "Writes the token as a line of base64, as HTTP Negotiate carries it, then reads the "
               "service's answer as a line from standard input and checks its proof. For trying "
               "services by hand and in scripts.",
    .examples =
        "obol token HTTP/web.example.com\tfor the header \"Authorization: Negotiate ...\"\n",
    .options = token_table,
    .options_size = sizeof(struct ticket_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_CACHE,
    .run = token_run,
};
