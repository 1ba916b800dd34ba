// face.c: what the faces share; see face.h.
#include "cli/face.h"
#include "cli/output.h"
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include <locale.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// Tickets first, then the realm, as in commands.c.
static const struct face *const FACES[] = {
    &FACE_KINIT,    &FACE_KLIST,        &FACE_KVNO,      &FACE_KSWITCH,
    &FACE_KDESTROY, &FACE_KPASSWD,      &FACE_KDB5_UTIL, &FACE_KRB5KDC,
    &FACE_KADMIND,  &FACE_KADMIN_LOCAL, &FACE_KADMIN,    NULL,
};

const struct face *face_find(const char *program) {
    const char *slash = program ? strrchr(program, '/') : NULL;
    const char *name = slash ? slash + 1 : program;
    for (size_t i = 0; name && FACES[i]; i++)
        if (strcmp(FACES[i]->name, name) == 0)
            return FACES[i];
    return NULL;
}

enum obol_code face_run(const struct face *face, struct cli *c, int argc, char **argv, int *status,
                        struct error *err) {
    // Dates are written as the user's locale has them.
    setlocale(LC_TIME, "");
    if (argc == 1 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)) {
        cli_print(c, CLI_PLAIN, "Usage: %s %s\n", face->name, face->usage);
        return OBOL_OK;
    }
    enum obol_code code = face->run(c, argc, argv, status, err);
    if (code == OBOL_USAGE)
        face_say(c, "Usage: %s %s", face->name, face->usage);
    return code;
}

// ---- options

static int next_long(struct face_args *g, struct error *err) {
    const char *word = g->argv[g->at++] + 2;
    size_t len = strcspn(word, "=");
    for (const struct face_long *l = g->longs; l && l->name; l++) {
        if (strncmp(l->name, word, len) != 0 || l->name[len] != '\0')
            continue;
        if (!l->takes_value)
            return l->letter;
        g->value = word[len] == '=' ? word + len + 1 : g->at < g->argc ? g->argv[g->at++] : NULL;
        if (g->value)
            return l->letter;
        error_set(err, OBOL_USAGE, __func__, "--%s needs a value", l->name);
        return -1;
    }
    error_set(err, OBOL_USAGE, __func__, "there is no option --%s", word);
    return -1;
}

int face_next(struct face_args *g, const char *letters, struct error *err) {
    g->value = NULL;
    if (!g->within || !*g->within) {
        const char *word = g->at < g->argc ? g->argv[g->at] : NULL;
        if (!word || word[0] != '-' || word[1] == '\0')
            return 0;
        if (strcmp(word, "--") == 0) {
            g->at++;
            return 0;
        }
        if (word[1] == '-')
            return next_long(g, err);
        g->within = word + 1;
        g->at++;
    }
    char letter = *g->within++;
    const char *found = letter == ':' ? NULL : strchr(letters, letter);
    if (!found) {
        error_set(err, OBOL_USAGE, __func__, "there is no option -%c", letter);
        return -1;
    }
    if (found[1] != ':')
        return letter;
    g->value = *g->within ? g->within : g->at < g->argc ? g->argv[g->at++] : NULL;
    g->within = NULL;
    if (g->value)
        return letter;
    error_set(err, OBOL_USAGE, __func__, "-%c needs a value", letter);
    return -1;
}

// ---- the realm

static const char *default_home(void) {
    const char *home = secure_getenv("OBOL_HOME");
    return home && *home ? home : CLI_HOME_DEFAULT;
}

// A database of MIT krb5 is a file where ours is a directory.
static enum obol_code check_home(const char *home, struct error *err) {
    struct stat st;
    ENSURE(stat(home, &st) != 0 || S_ISDIR(st.st_mode), EXISTS,
           "%s is a file, perhaps a database of MIT krb5; Obol keeps a realm in a directory: set "
           "another database_name",
           home);
    return OBOL_OK;
}

static enum obol_code mit_place(struct cli *c, const char *profile, struct face_place *out,
                                struct error *err) {
    struct kdcconf conf;
    out->conf_file =
        arena_cstr(c->arena, slice_sub(slice_str(profile), 0, slice_find(slice_str(profile), ':')));
    ENSURE_MEMORY(out->conf_file);
    const struct kdcconf_place place = {.file = out->conf_file, .realm = out->realm};
    TRY(kdcconf_load(&conf, &place, c->arena, err));
    struct slice database = kdcconf_database(&conf);
    ENSURE(database.len, CONFIG_SYNTAX,
           "%s says no database_name for the realm %.*s: the directory where it is to be kept",
           out->conf_file, SLICE_ARG(out->realm));
    out->home = arena_cstr(c->arena, database);
    ENSURE_MEMORY(out->home);
    return check_home(out->home, err);
}

enum obol_code face_place(struct cli *c, struct slice realm, struct face_place *out,
                          struct error *err) {
    *out = (struct face_place){.realm = realm};
    const char *profile = secure_getenv("KRB5_KDC_PROFILE");
    if (!profile || !*profile) {
        out->home = default_home();
        return OBOL_OK;
    }
    if (!realm.len) {
        const struct krb5conf *conf;
        TRY(cli_config(c, &conf, err));
        out->realm = conf->default_realm;
    }
    ENSURE(out->realm.len, CONFIG_NO_REALM, "neither -r nor krb5.conf names one");
    return mit_place(c, profile, out, err);
}

enum obol_code face_realm_open(struct cli *c, const struct face_place *place, struct admin **out,
                               struct error *err) {
    const struct admin_options options = {.home = place->home,
                                          .conf_file = place->conf_file,
                                          .ops = &STORE_LMDB,
                                          .realm = place->realm};
    TRY(admin_realm_open(out, &options, c->env, err));
    const struct passwd *user = getpwuid(geteuid());
    (*out)->actor = user ? arena_printf(c->arena, "%s", user->pw_name)
                         : arena_printf(c->arena, "uid %u", (unsigned)geteuid());
    return OBOL_OK;
}

// ---- output

void face_say(struct cli *c, const char *format, ...) {
    cli_flush(c);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

struct slice face_time(struct cli *c, int64_t t) {
    char text[64];
    struct tm tm;
    time_t when = (time_t)t;
    if (!localtime_r(&when, &tm) || strftime(text, sizeof text, "%x %X", &tm) == 0)
        return arena_printf(c->arena, "%lld", (long long)t);
    return arena_printf(c->arena, "%s", text);
}
