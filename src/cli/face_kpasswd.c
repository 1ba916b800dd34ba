// face_kpasswd.c: kpasswd: obol passwd with the prompts, words and exit status of MIT krb5's
// kpasswd.
#include "base/ct.h"
#include "cli/face.h"
#include "cli/output.h"
#include "cli/passwd.h"
#include "cli/password.h"
#include <unistd.h>

enum { REFUSED = 2 }; // the exit status where the realm does not take the password

static void clear(struct secret *s) {
    secret_clear(s);
}

static enum obol_code ask_new(struct cli *c, struct secret *out, struct error *err) {
    CLEANUP(clear) struct secret again = {0};
    TRY(cli_password(c, SLICE_LITERAL("Enter new password"), out, err));
    TRY(cli_password(c, SLICE_LITERAL("Enter it again"), &again, err));
    ENSURE(ct_equal(secret_slice(out), secret_slice(&again)), INVALID_ARGUMENT,
           "Password mismatch: the two differ");
    return OBOL_OK;
}

static enum obol_code kpasswd(struct cli *c, int argc, char **argv, int *status,
                              struct error *err) {
    CLEANUP(clear) struct secret password = {0};
    struct kpasswd_reply reply;
    struct cred ticket;
    ENSURE(argc <= 1, USAGE, "one principal at most");
    c->args = arena_zalloc(c->arena, 1, sizeof *c->args);
    ENSURE_MEMORY(c->args);
    c->arg_count = (size_t)argc;
    *c->args = slice_str(argc ? argv[0] : NULL);
    // It asks where a person sits, and else takes the lines that a script gives it.
    c->prompts = !isatty(STDIN_FILENO);
    if (c->prompts)
        c->password_fd = STDIN_FILENO;
    TRY(passwd_begin(c, &ticket, err));
    TRY(ask_new(c, &password, err));
    TRY(passwd_change(c, &ticket, &password, &reply, err));
    if (reply.result == KPASSWD_SUCCESS) {
        cli_print(c, CLI_PLAIN, "Password changed.\n");
        return OBOL_OK;
    }
    *status = REFUSED;
    cli_print(c, CLI_PLAIN, "%s: ", kpasswd_result_text(reply.result));
    cli_show(c, reply.text);
    cli_print(c, CLI_PLAIN, "\n");
    return OBOL_OK;
}

const struct face FACE_KPASSWD = {"kpasswd", "[principal]", 1, kpasswd};
