// cmd_passwd.c: obol passwd (kpasswd): a user changes the password himself, at the realm's service
// for that (RFC 3244).
#include "cli/commands.h"
#include "cli/login.h"
#include "cli/output.h"
#include "cli/password.h"
#include "net/kpasswd.h"

static void clear(struct secret *s) {
    secret_clear(s);
}

// Whose cache it is changes his, unless another is named.
static enum obol_code take_name(struct cli *c, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct ccache_content content;
    if (c->arg_count)
        return OBOL_OK;
    TRY(client_cache(c, &cache, err));
    if (ccache_read(cache, c->arena, &content, NULL) != OBOL_OK ||
        principal_is_anonymous(&content.principal))
        return OBOL_OK; // the user's own name
    c->args = arena_zalloc(c->arena, 1, sizeof *c->args);
    ENSURE_MEMORY(c->args);
    c->args[0] = principal_text(&content.principal, c->arena);
    c->arg_count = 1;
    return OBOL_OK;
}

// The service takes nothing but a ticket that comes straight from the password; the cache that
// programs use is not touched.
static enum obol_code log_in(struct cli *c, struct login_done *done, struct error *err) {
    CLEANUP(client_close) struct ccache *cache = NULL;
    const struct login_options o = {.service = SLICE_LITERAL(KPASSWD_PRINCIPAL)};
    TRY(ccache_open(&cache, SLICE_LITERAL("MEMORY:passwd"), NULL, err));
    return login_perform(c, &o, &cache, done, err);
}

static enum obol_code change(struct cli *c, const struct cred *ticket, struct error *err) {
    CLEANUP(clear) struct secret password = {0};
    struct net net;
    struct kpasswd_reply reply;
    struct slice name = principal_text(&ticket->client, c->arena);
    TRY(client_net(c, &net, err));
    TRY(cli_new_password(c, arena_printf(c->arena, "New password for %.*s", SLICE_ARG(name)),
                         &password, err));
    const struct kpasswd_params params = {.ticket = ticket, .password = &password};
    TRY(net_kpasswd(&net, &params, c->arena, &reply, err));
    ENSURE(reply.result == KPASSWD_SUCCESS, PASSWORD_REFUSED, "%.*s",
           SLICE_ARG(reply.text.len ? reply.text
                                    : SLICE_LITERAL("the realm does not say what is wrong")));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "principal", name);
        json_bool(&j, "changed", true);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_GOOD, "%.*s", SLICE_ARG(name));
    cli_print(c, CLI_PLAIN, " has a new password\n");
    return OBOL_OK;
}

static enum obol_code passwd(struct cli *c, const void *options, struct error *err) {
    struct login_done done;
    UNUSED(options);
    TRY(take_name(c, err));
    TRY(log_in(c, &done, err));
    return change(c, &done.ticket, err);
}

const struct cli_command CMD_PASSWD = {
    .name = "passwd",
    .group = CLI_GROUP_CLIENT,
    .summary = "change your password",
    .arguments = "[NAME]",
    .details = "Asks for the present password and twice for the new one; with --password-stdin or "
               "--password-fd the first line is the present one, the second the new one. Works "
               "with a password that has expired, too. Without NAME: whose cache it is, else your "
               "user name. Tickets that you hold stay good.\n\n"
               "It goes to the realm's service for that, kpasswd_server (or admin_server) of "
               "krb5.conf, port 464; Obol's KDC has it where kdc.conf says kpasswd_listen. An "
               "administrator sets passwords with obol principal password.",
    .examples = "obol passwd\tof who is logged in\n"
                "obol passwd alice@EXAMPLE.COM\tof alice\n",
    .max_args = 1,
    .wants = CLI_WANTS_CACHE | CLI_WANTS_PASSWORD,
    .run = passwd,
};
