// cmd_realm_trust_add.c: obol realm trust add: the keys that two realms share, from a password,
// drawn, or from a keytab.
#include "cli/cmd_realm_trust.h"
#include "cli/commands.h"
#include "cli/password.h"
#include "cli/realm.h"
#include "cred/keytab.h"

static const struct cli_option ADD_OPTIONS[] = {
    TRUST_WAY_ROWS,
    {"write-keys", 0, CLI_TEXT, offsetof(struct trust_options, write_keys), "FILE",
     "draw the keys, and write them to a keytab for the other realm's administrator", 0, 0},
    {"read-keys", 0, CLI_TEXT, offsetof(struct trust_options, read_keys), "FILE",
     "take the keys from a keytab, as --write-keys there has made it", 0, 0},
    {"enctype", 'e', CLI_LIST, offsetof(struct trust_options, enctypes), "NAME",
     "an encryption type of the keys, instead of the realm's; may be given again", 0, 0},
    {"kvno", 0, CLI_NUMBER, offsetof(struct trust_options, kvno), "N",
     "the version of the keys, if the other realm does not begin with 1", 1, INT32_MAX},
    {0}};

static enum obol_code read_keys(struct cli *c, struct slice file, struct admin_keytab *out,
                                struct error *err) {
    struct keytab_content content;
    const char *path;
    TRY(keytab_path(file, NULL, c->arena, &path, err));
    TRY(keytab_read(path, c->arena, &content, err));
    *out = (struct admin_keytab){
        arena_zalloc(c->arena, content.count + 1, sizeof(struct admin_keytab_key)), 0};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < content.count; i++) {
        const struct keytab_entry *e = &content.entries[i];
        out->items[out->count++] = (struct admin_keytab_key){e->principal, e->kvno, e->key.keytype,
                                                             e->timestamp, e->key.keyvalue};
    }
    return OBOL_OK;
}

static enum obol_code write_keys(struct cli *c, struct admin *adm, const char *path,
                                 const struct admin_new_trust *trust, struct error *err) {
    static const enum admin_trust_way ways[] = {ADMIN_TRUST_OUT, ADMIN_TRUST_IN};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct admin_keytab keys;
        struct slice name;
        if (!(trust->ways & ways[i]))
            continue;
        TRY(admin_trust_name(adm, trust->realm, ways[i], c->arena, &name, err));
        TRY(admin_keytab_keys(adm, name, NULL, c->arena, &keys, err));
        struct keytab_entry *entries = arena_zalloc(c->arena, keys.count + 1, sizeof *entries);
        ENSURE_MEMORY(entries);
        for (size_t k = 0; k < keys.count; k++)
            entries[k] = (struct keytab_entry){
                .principal = keys.items[k].name,
                .timestamp = keys.items[k].set,
                .kvno = keys.items[k].kvno,
                .key = {keys.items[k].enctype, keys.items[k].bytes},
            };
        TRY(keytab_add(path, entries, keys.count, err));
    }
    return OBOL_OK;
}

static enum obol_code add(struct cli *c, struct admin *adm, const struct trust_options *o,
                          const struct admin_new_trust *trust, struct error *err) {
    const char *path = NULL;
    if (o->write_keys.len) {
        // The file is tried before there is anything to be written.
        TRY(keytab_path(o->write_keys, NULL, c->arena, &path, err));
        TRY(keytab_add(path, NULL, 0, err));
    }
    TRY(admin_trust_add(adm, trust, err));
    if (path)
        TRY(write_keys(c, adm, path, trust, err));
    struct admin_trust made;
    TRY(admin_trust_get(adm, trust->realm, c->arena, &made, err));
    trust_show(c, &made);
    return OBOL_OK;
}

static enum obol_code trust_add(struct cli *c, const void *options, struct error *err) {
    const struct trust_options *o = options;
    struct admin_new_trust trust = {.realm = cli_arg(c, 0), .kvno = (uint32_t)o->kvno};
    struct admin_keytab keys;
    TRY(trust_ways(o, &trust.ways, err));
    TRY(realm_enctypes(c, &o->enctypes, &trust.enctypes, err));
    ENSURE(!(o->read_keys.len && (o->write_keys.len || o->enctypes.count || o->kvno)), USAGE,
           "--read-keys brings the keys, their types and their version; --write-keys makes new "
           "ones");
    if (o->read_keys.len) {
        TRY(read_keys(c, o->read_keys, &keys, err));
        trust.keys = &keys;
    }
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    if (trust.keys || o->write_keys.len)
        return add(c, adm, o, &trust, err);
    CLEANUP(secret_clear) struct secret password = {0};
    struct slice prompt =
        arena_printf(c->arena, "Password that both realms are given, of %.*s and %.*s",
                     SLICE_ARG(adm->realm), SLICE_ARG(trust.realm));
    TRY(cli_new_password(c, prompt, &password, err));
    struct slice text = secret_slice(&password);
    trust.password = &text;
    return add(c, adm, o, &trust, err);
}

const struct cli_command CMD_REALM_TRUST_ADD = {
    .name = "realm trust add",
    .group = CLI_GROUP_REALM,
    .summary = "let the users of two realms use each other's services",
    .arguments = "OTHER.REALM",
    .details =
        "Makes the principals krbtgt/OTHER.REALM@THIS.REALM, by which our users get tickets there, "
        "and krbtgt/THIS.REALM@OTHER.REALM, by which its users come here. The other realm needs "
        "both with the same keys: from the same password (any KDC), or from the keytab that "
        "--write-keys makes (Obol's). With a password, take one that nobody can guess: whoever "
        "knows it can be any user of either realm.\n\n"
        "Trust passes on: users of a third realm come through OTHER.REALM where [capaths] of "
        "kdc.conf or krb5.conf says so, or the hierarchy of the realms' names. Of what their "
        "tickets say nothing counts that is about this realm's own users and groups.",
    .examples =
        "obol realm trust add CORP.EXAMPLE\tthe password is asked for; on MIT's side:\n"
        "kadmin.local addprinc krbtgt/CORP.EXAMPLE@EXAMPLE.COM\tand the other direction likewise\n"
        "obol realm trust add B.EXAMPLE --write-keys b.keytab\tdrawn keys; then, over there:\n"
        "obol realm trust add A.EXAMPLE --read-keys b.keytab\t\n",
    .options = ADD_OPTIONS,
    .options_size = sizeof(struct trust_options),
    .min_args = 1,
    .max_args = 1,
    .wants = CLI_WANTS_HOME | CLI_WANTS_PASSWORD,
    .run = trust_add,
};
