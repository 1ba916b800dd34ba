// face_kadmin_keytab.c: ktadd and ktremove of kadmin. As MIT's, ktadd makes new random keys
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
        } else if (strcmp(word, "-glob") == 0) {
            return OBOL_OK; // it stands among the names
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
    for (size_t i = 0; !quiet && i < keys->count; i++) {
        cli_print(k->cli, CLI_PLAIN, "Entry for principal ");
        cli_show(k->cli, principal_text(&entries[i].principal, a));
        cli_print(k->cli, CLI_PLAIN,
                  " with kvno %u, encryption type %s added to keytab WRFILE:%s.\n", entries[i].kvno,
                  etype_name(entries[i].key.keytype), path);
    }
    return OBOL_OK;
}

static enum obol_code choose_path(struct kadmin *k, struct slice name, const char **path,
                                  struct error *err) {
    const struct krb5conf *conf;
    TRY(cli_config(k->cli, &conf, err));
    return keytab_path(name, conf, k->cli->arena, path, err);
}

struct adding {
    struct kadmin *k;
    const struct keytab_options *options;
    const struct admin_keys *fresh;
    const char *path;
};

static enum obol_code add_one(const struct adding *adding, const char *typed, struct error *err) {
    struct slice name;
    struct admin_keytab keys;
    struct kadmin *k = adding->k;
    TRY(kadmin_full_name(k, typed, &name, err));
    TRY(k->back->keys(k, name, adding->options->keep ? NULL : adding->fresh, &keys, err));
    return write_keys(k, &keys, adding->path, adding->options->quiet, err);
}

struct matching {
    struct arena *arena;
    struct matched {
        const char *name;
        struct matched *next;
    } * first, **end;
};

static enum obol_code note_match(void *ctx, struct slice name, struct error *err) {
    struct matching *m = ctx;
    struct matched *one = arena_zalloc(m->arena, 1, sizeof *one);
    ENSURE_MEMORY(one);
    one->name = arena_cstr(m->arena, name);
    ENSURE_MEMORY(one->name);
    *m->end = one;
    m->end = &one->next;
    return OBOL_OK;
}

// The walk is over before the first key changes.
static enum obol_code add_matching(const struct adding *adding, const char *expression,
                                   struct error *err) {
    struct matching m = {.arena = adding->k->cli->arena};
    m.end = &m.first;
    const struct kadmin_names each = {&m, note_match};
    TRY(adding->k->back->list(adding->k, slice_str(expression), &each, err));
    ENSURE(m.first, PRINCIPAL_NOT_FOUND, "no name matches %s", expression);
    for (const struct matched *one = m.first; one; one = one->next)
        TRY(add_one(adding, one->name, err));
    return OBOL_OK;
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
    const struct adding adding = {k, &o, &fresh, path};
    for (; at < argc; at++) {
        bool many = strcmp(argv[at], "-glob") == 0;
        ENSURE(!many || at + 1 < argc, USAGE, "-glob needs an expression");
        TRY(many ? add_matching(&adding, argv[++at], err) : add_one(&adding, argv[at], err));
    }
    return OBOL_OK;
}

// Which entries of a name go.
struct choice {
    bool all, old; // neither: those of kvno
    uint32_t kvno; // 0: the newest one
};

static enum obol_code take_choice(const char *word, struct choice *out, struct error *err) {
    int64_t kvno = 0;
    *out = (struct choice){0};
    out->all = word && strcmp(word, "all") == 0;
    out->old = word && strcmp(word, "old") == 0;
    if (word && !out->all && !out->old)
        ENSURE(number_parse(slice_str(word), &kvno) && kvno > 0 && kvno <= UINT32_MAX, USAGE,
               "'%s' is no kvno", word);
    out->kvno = (uint32_t)kvno;
    return OBOL_OK;
}

static enum obol_code remove_chosen(struct kadmin *k, const char *path, const char *typed,
                                    const struct choice *choice, bool quiet, struct error *err) {
    struct principal name;
    struct keytab_content content;
    uint32_t newest = 0;
    bool removed = false;
    TRY(principal_parse(slice_str(typed), k->realm, NT_UNKNOWN, k->cli->arena, &name, err));
    TRY(keytab_read(path, k->cli->arena, &content, err));
    for (size_t i = 0; i < content.count; i++)
        if (principal_eq(&content.entries[i].principal, &name) && content.entries[i].kvno > newest)
            newest = content.entries[i].kvno;
    for (size_t i = 0; i < content.count; i++) {
        const struct keytab_entry *e = &content.entries[i];
        bool goes = choice->all   ? true
                    : choice->old ? e->kvno != newest
                                  : e->kvno == (choice->kvno ? choice->kvno : newest);
        if (!goes || !principal_eq(&e->principal, &name))
            continue;
        // An entry that stands there twice goes at once.
        enum obol_code code = keytab_remove(path, &name, e->kvno, e->key.keytype, NULL, NULL);
        if (code == OBOL_KEYTAB_NO_ENTRY && removed)
            continue;
        ENSURE(code == OBOL_OK, KEYTAB_IO, "%s", path);
        removed = true;
        if (!quiet)
            cli_print(k->cli, CLI_PLAIN,
                      "Entry for principal %s with kvno %u removed from keytab WRFILE:%s.\n", typed,
                      e->kvno, path);
    }
    ENSURE(removed, KEYTAB_NO_ENTRY, "no such entry for principal %s in keytab %s", typed, path);
    return OBOL_OK;
}

enum obol_code kadmin_keytab_remove(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct keytab_options o = {0};
    struct choice choice;
    const char *path;
    int at;
    TRY(take_options(argc, argv, &at, &o, err));
    ENSURE(argc - at == 1 || argc - at == 2, USAGE,
           "a principal is needed, and a kvno, \"all\" or \"old\"");
    TRY(take_choice(argc - at == 2 ? argv[at + 1] : NULL, &choice, err));
    TRY(choose_path(k, o.keytab, &path, err));
    return remove_chosen(k, path, argv[at], &choice, o.quiet, err);
}
