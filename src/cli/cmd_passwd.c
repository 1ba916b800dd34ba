// cmd_passwd.c: obol passwd (kpasswd): a user changes the password himself, at the realm's service
// for that (RFC 3244).
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/passwd.h"
#include "cli/password.h"

static void clear(struct secret *s) {
    secret_clear(s);
}

// What is refused for another reason than the password is not told as one that is too short.
static enum obol_code code_of(enum kpasswd_result result) {
    return result == KPASSWD_SOFTERROR      ? OBOL_PASSWORD_REFUSED
           : result == KPASSWD_ACCESSDENIED ? OBOL_KDC_ERR_POLICY
                                            : OBOL_KRB_ERR_GENERIC;
}

static enum obol_code change(struct cli *c, const struct cred *ticket, struct error *err) {
    CLEANUP(clear) struct secret password = {0};
    struct kpasswd_reply reply;
    struct slice name = principal_text(&ticket->client, c->arena);
    TRY(cli_new_password(c, arena_printf(c->arena, "New password for %.*s", SLICE_ARG(name)),
                         &password, err));
    TRY(passwd_change(c, ticket, &password, &reply, err));
    if (reply.result != KPASSWD_SUCCESS)
        return error_set(err, code_of(reply.result), __func__, "%s: %.*s",
                         kpasswd_result_text(reply.result), SLICE_ARG(reply.text));
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
    struct cred ticket;
    UNUSED(options);
    TRY(passwd_begin(c, &ticket, err));
    return change(c, &ticket, err);
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
