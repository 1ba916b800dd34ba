// face_kdb5_util.c: kdb5_util create and destroy: a realm where MIT krb5's tools would keep it.
#include "cli/face.h"
#include "cli/face_tabdump.h"
#include "cli/output.h"
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct kdb5_util {
    struct slice realm;
    bool forced;
};

// -P and -M name a password of the master key. Ours is drawn at random, which nobody can guess, so
// both are taken and not needed.
static enum obol_code take(struct face_args *g, struct kdb5_util *u, const char *letters,
                           struct error *err) {
    int letter;
    while ((letter = face_next(g, letters, err)) > 0) {
        if (letter == 'r')
            u->realm = slice_str(g->value);
        u->forced |= letter == 'f';
    }
    ENSURE(letter == 0, USAGE, "the options");
    return OBOL_OK;
}

static enum obol_code create(struct cli *c, const struct kdb5_util *u, struct error *err) {
    struct face_place place;
    TRY(face_place(c, u->realm, &place, err));
    if (!place.realm.len) {
        const struct krb5conf *conf;
        TRY(cli_config(c, &conf, err));
        place.realm = conf->default_realm;
    }
    ENSURE(place.realm.len, CONFIG_NO_REALM, "neither -r nor krb5.conf names one");
    const struct admin_options options = {
        .home = place.home, .conf_file = place.conf_file, .ops = &STORE_LMDB, .realm = place.realm};
    TRY(admin_realm_create(NULL, &options, c->env, err));
    cli_print(c, CLI_PLAIN, "Initializing database '%s' for realm '%.*s',\nmaster key is random\n",
              place.home, SLICE_ARG(place.realm));
    return OBOL_OK;
}

// What a realm's home holds beside the master key; whatever else stands there is somebody's and
// stays.
static const char *const HELD[] = {"admin.lock",  "store/data.mdb", "store/lock.mdb", "store",
                                   "status.json", "kpasswd.rcache", "kdc.conf",       NULL};

static enum obol_code remove_one(struct cli *c, const char *home, struct slice name,
                                 struct error *err) {
    bool absolute = name.len && name.ptr[0] == '/';
    struct slice path = arena_printf(c->arena, "%s%s%.*s", absolute ? "" : home,
                                     absolute ? "" : "/", SLICE_ARG(name));
    ENSURE_MEMORY(path.ptr);
    ENSURE(remove((const char *)path.ptr) == 0 || errno == ENOENT, IO, "%.*s: %s", SLICE_ARG(path),
           strerror(errno));
    return OBOL_OK;
}

static enum obol_code destroy(struct cli *c, const struct kdb5_util *u, struct error *err) {
    struct face_place place;
    struct admin *adm;
    TRY(face_place(c, u->realm, &place, err));
    // Only a realm is destroyed, not a directory that happens to stand there.
    TRY(face_realm_open(c, &place, &adm, err));
    admin_close(adm);
    if (!u->forced) {
        char answer[16];
        cli_print(c, CLI_PLAIN,
                  "Deleting KDC database stored in '%s', are you sure?\n"
                  "(type 'yes' to confirm)? ",
                  place.home);
        cli_flush(c);
        ENSURE(fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0, USAGE,
               "it was not confirmed");
    }
    // The key opens nothing any more, and a new realm of this name must have another.
    struct kdcconf conf;
    const struct kdcconf_place where = {place.home, place.conf_file, place.realm};
    TRY(kdcconf_load(&conf, &where, c->arena, err));
    TRY(remove_one(c, place.home, conf.master_key_file, err));
    for (size_t i = 0; HELD[i]; i++)
        TRY(remove_one(c, place.home, slice_str(HELD[i]), err));
    cli_print(c, CLI_PLAIN, "** Database '%s' destroyed.\n", place.home);
    return OBOL_OK;
}

static enum obol_code kdb5_util(struct cli *c, int argc, char **argv, int *status,
                                struct error *err) {
    UNUSED(status);
    struct kdb5_util u = {0};
    struct face_args g = {.argv = argv, .argc = argc};
    TRY(take(&g, &u, "r:d:k:M:P:sfmx:W", err));
    ENSURE(g.at < argc, USAGE, "a command is needed: create, destroy, stash or tabdump");
    const char *word = argv[g.at++];
    if (strcmp(word, "tabdump") == 0) {
        struct face_place place;
        TRY(face_place(c, u.realm, &place, err));
        return face_tabdump(c, &place, argc - g.at, argv + g.at, err);
    }
    TRY(take(&g, &u, "r:d:k:M:P:sfWe:", err));
    if (strcmp(word, "create") == 0)
        return create(c, &u, err);
    if (strcmp(word, "destroy") == 0)
        return destroy(c, &u, err);
    // The master key is kept in its file from the beginning.
    if (strcmp(word, "stash") == 0)
        return OBOL_OK;
    ENSURE(false, USAGE, "there is no command '%s'; there are create, destroy, stash, tabdump",
           word);
}

const struct face FACE_KDB5_UTIL = {
    "kdb5_util",
    "[-r realm] create [-s] [-W] [-P password]\n"
    "       kdb5_util [-r realm] destroy [-f]\n"
    "       kdb5_util [-r realm] stash\n"
    "       kdb5_util [-r realm] tabdump [-H] [-c] [-e] [-n] [-o file] table",
    1,
    kdb5_util,
};
