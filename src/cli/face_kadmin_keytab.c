// face_kadmin_keytab.c: ktadd and ktremove of kadmin.local. As MIT's, ktadd makes new random keys
// unless -norandkey is given; -norandkey writes the keys that are.
#include "cli/face_kadmin.h"
#include "cli/output.h"
#include "config/duration.h"
#include "cred/keytab.h"
#include "crypto/crypto.h"
#include "proto/codes.h"

struct keytab_options {
    struct slice keytab;
    const char *enctypes;
    bool quiet, keep;
};

static enum obol_code take_options(int argc, char **argv, int *at, struct keytab_options *o,
                                   struct error *err) {
    for (*at = 0; *at < argc && argv[*at][0] == '-'; ++*at) {
        const char *word = argv[*at], *value;
        if (strcmp(word, "-q") == 0) {
            o->quiet = true;
        } else if (strcmp(word, "-norandkey") == 0) {
            o->keep = true;
        } else if (strcmp(word, "-k") == 0 || strcmp(word, "-keytab") == 0) {
            TRY(kadmin_need_value(argc, argv, at, &value, err));
            o->keytab = slice_str(value);
        } else if (strcmp(word, "-e") == 0) {
            TRY(kadmin_need_value(argc, argv, at, &value, err));
            o->enctypes = value;
        } else {
            ENSURE(false, USAGE, "there is no option %s", word);
        }
    }
    return OBOL_OK;
}

static const char *etype_name(int32_t number) {
    const struct enctype *e = enctype_find(number);
    return e ? enctype_name(e) : "unknown";
}

static enum obol_code write_keys(struct kadmin *k, const struct admin_keytab *keys,
                                 const char *path, bool quiet, struct error *err) {
    struct arena *a = k->cli->arena;
    struct keytab_entry *entries = arena_zalloc(a, keys->count, sizeof *entries);
    ENSURE_MEMORY(entries);
    for (size_t i = 0; i < keys->count; i++)
        entries[i] = (struct keytab_entry){
            .principal = keys->items[i].name,
            .timestamp = keys->items[i].set,
            .kvno = keys->items[i].kvno,
            .key = {.keytype = keys->items[i].enctype, .keyvalue = keys->items[i].bytes},
        };
    TRY(keytab_add(path, entries, keys->count, err));
    for (size_t i = 0; !quiet && i < keys->count; i++)
        cli_print(k->cli, CLI_PLAIN,
                  "Entry for principal %.*s with kvno %u, encryption type %s added to keytab "
                  "WRFILE:%s.\n",
                  SLICE_ARG(principal_text(&entries[i].principal, a)), entries[i].kvno,
                  etype_name(entries[i].key.keytype), path);
    return OBOL_OK;
}

static enum obol_code choose_path(struct kadmin *k, struct slice name, const char **path,
                                  struct error *err) {
    const struct krb5conf *conf;
    TRY(cli_config(k->cli, &conf, err));
    return keytab_path(name, conf, k->cli->arena, path, err);
}

enum obol_code kadmin_keytab_add(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct keytab_options o = {0};
    struct admin_keys fresh = {.keep_old = UINT32_MAX};
    const char *path;
    int at;
    TRY(take_options(argc, argv, &at, &o, err));
    ENSURE(at < argc, USAGE, "a principal is needed");
    TRY(choose_path(k, o.keytab, &path, err));
    if (o.enctypes)
        TRY(kadmin_enctypes(k, o.enctypes, &fresh.enctypes, err));
    // The keytab must be writable before the first key is changed.
    TRY(keytab_add(path, NULL, 0, err));
    for (; at < argc; at++) {
        struct slice name;
        struct admin_keytab keys;
        TRY(kadmin_full_name(k, argv[at], &name, err));
        TRY(admin_keytab_keys(k->adm, name, o.keep ? NULL : &fresh, k->cli->arena, &keys, err));
        TRY(write_keys(k, &keys, path, o.quiet, err));
    }
    return OBOL_OK;
}

enum obol_code kadmin_keytab_remove(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct keytab_options o = {0};
    struct principal name;
    const char *path;
    int at;
    int64_t kvno = 0;
    size_t removed;
    TRY(take_options(argc, argv, &at, &o, err));
    ENSURE(argc - at == 1 || argc - at == 2, USAGE, "a principal is needed, and a kvno or \"all\"");
    if (argc - at == 2 && strcmp(argv[at + 1], "all") != 0)
        ENSURE(number_parse(slice_str(argv[at + 1]), &kvno) && kvno > 0 && kvno <= UINT32_MAX,
               USAGE, "'%s' is no kvno", argv[at + 1]);
    TRY(choose_path(k, o.keytab, &path, err));
    TRY(principal_parse(slice_str(argv[at]), k->adm->realm, NT_UNKNOWN, k->cli->arena, &name, err));
    TRY(keytab_remove(path, &name, (uint32_t)kvno, 0, &removed, err));
    if (!o.quiet)
        cli_print(k->cli, CLI_PLAIN, "%zu %s of principal %.*s removed from keytab WRFILE:%s.\n",
                  removed, removed == 1 ? "entry" : "entries",
                  SLICE_ARG(principal_text(&name, k->cli->arena)), path);
    return OBOL_OK;
}
