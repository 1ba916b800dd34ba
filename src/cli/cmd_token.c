// cmd_token.c: `obol token` makes the token that shows a ticket to a service, and checks the
// service's answer.
#include "base/hex.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "gss/initiator.h"
#include "net/ticket.h"
#include <stdio.h>

struct token_options {
    bool bare;
};
static const struct cli_option token_table[] = {
    {"krb5", 0, CLI_FLAG, offsetof(struct token_options, bare), NULL,
     "a bare krb5 token, without SPNEGO around it", 0, 0},
    {0},
};

static enum obol_code get_ticket(struct cli *c, struct slice spn, struct ticket_result *out,
                                 struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct net net;
    TRY(client_net(c, &net, err));
    TRY(client_cache(c, &cache, err));
    struct ticket_params p = {.cache = cache};
    TRY(client_spn(c, cache, spn, &p.service, err));
    enum obol_code code = net_ticket(&net, &p, c->arena, out, err);
    if (code != OBOL_OK)
        client_suggest_service(c, cache, &p.service, err);
    return code;
}

static void put_token(struct cli *c, struct slice token) {
    struct writer w = writer_to_arena(c->arena);
    base64_write(&w, token);
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "token", writer_slice(&w));
        json_end(&j);
    } else {
        writer_bytes(&c->out, writer_slice(&w));
        writer_str(&c->out, "\n");
    }
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
    const struct token_options *o = options;
    struct ticket_result r;
    TRY(get_ticket(c, c->args[0], &r, err));
    const struct gss_initiator_params params = {
        .ticket = &r.ticket,
        .flags =
            GSS_FLAG_MUTUAL | GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE | GSS_FLAG_CONF | GSS_FLAG_INTEG,
        .bare = o->bare,
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
    .options_size = sizeof(struct token_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_CACHE,
    .run = token_run,
};
