// cmd_realm_rekey.c: obol realm rekey: a new master key, while the realm is served.
#include "cli/commands.h"
#include "cli/realm.h"
#include <stdio.h>
#include <unistd.h>

static void show_progress(void *ctx, uint64_t done) {
    UNUSED(ctx);
    fprintf(stderr, "\r%llu", (unsigned long long)done);
}

static void show(struct cli *c, const struct admin *adm, uint64_t sealed) {
    uint32_t version = master_current(adm->master);
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        json_text(&j, "realm", adm->realm);
        json_number(&j, "master_key_version", version);
        json_number(&j, "principals", (int64_t)sealed);
        json_end(&j);
        return;
    }
    cli_print(c, CLI_GOOD, "Master key %u of %.*s is in use", version, SLICE_ARG(adm->realm));
    cli_print(
        c, CLI_PLAIN,
        "; %llu principals are sealed under it\n"
        "Keep a new copy of the master key file. A copy of the database that was made before\n"
        "needs the old one.\n",
        (unsigned long long)sealed);
}

static enum obol_code realm_rekey(struct cli *c, const void *options, struct error *err) {
    CLEANUP(realm_close) struct admin *adm = NULL;
    const struct admin_progress progress = {NULL, show_progress};
    const bool watched = isatty(STDERR_FILENO) == 1;
    uint64_t sealed = 0;
    UNUSED(options);
    TRY(realm_open(c, false, &adm, err));
    enum obol_code code = admin_master_replace(adm, watched ? &progress : NULL, &sealed, err);
    if (watched)
        fputs("\r", stderr);
    TRY(code);
    show(c, adm, sealed);
    return OBOL_OK;
}

const struct cli_command CMD_REALM_REKEY = {
    .name = "realm rekey",
    .group = CLI_GROUP_REALM,
    .summary = "replace the master key, while the realm is served",
    .arguments = "",
    .details =
        "Draws a new master key, seals every key of the database under it, and removes the old one "
        "from the master key file. No principal's key changes: passwords, keytabs and tickets stay "
        "valid, and a KDC that runs goes on without a pause. Do this when somebody who should not "
        "may have seen the master key file, and at whatever interval your rules ask for.\n\n"
        "If it is interrupted, even by a power loss, the realm works as before; the next call "
        "completes it.",
    .examples = "obol realm rekey\tafter which a new copy of the master key belongs in the safe\n",
    .min_args = 0,
    .max_args = 0,
    .wants = CLI_WANTS_HOME,
    .run = realm_rekey,
};
