// face_kinit.c: kinit: obol login with the flags and words of MIT krb5's kinit.
#include "cli/face.h"
#include "cli/login.h"
#include "cli/output.h"
#include "config/duration.h"
#include <stdlib.h>
#include <unistd.h>

#define LETTERS "Vl:s:r:fFpPaACEvRkit:c:S:nT:I:X:"

static const struct face_long LONGS[] = {
    {"noforwardable", 'F', false}, {"noproxiable", 'P', false}, {"addresses", 'a', false},
    {"forwardable", 'f', false},   {"proxiable", 'p', false},   {"noaddresses", 'A', false},
    {"canonicalize", 'C', false},  {"enterprise", 'E', false},  {0},
};

struct kinit {
    struct login_options login;
    bool verbose;
    const char *cache;
    struct slice anchors[8];
};

static enum obol_code take_duration(int letter, const char *text, int64_t *out, struct error *err) {
    ENSURE(duration_parse(slice_str(text), out), USAGE,
           "-%c '%s' is no length of time; write 10h, 1d2h30m or seconds", letter, text);
    return OBOL_OK;
}

static bool is_attribute(struct slice *text, const char *name) {
    struct slice prefix = slice_str(name);
    if (!slice_starts(*text, prefix))
        return false;
    *text = slice_sub(*text, prefix.len, text->len);
    return true;
}

// -X: settings of mechanisms. Those of PKINIT are known; flag_RSA_PROTOCOL asks for what is not
// done, and kinit takes it as a wish.
static enum obol_code take_attribute(struct kinit *k, struct slice text, struct error *err) {
    if (is_attribute(&text, "X509_user_identity=")) {
        k->login.certificate = text;
        return OBOL_OK;
    }
    if (is_attribute(&text, "X509_anchors=")) {
        ENSURE(k->login.anchors.count < COUNT_OF(k->anchors), USAGE, "too many X509_anchors");
        k->login.anchors.items = k->anchors;
        k->anchors[k->login.anchors.count++] = text;
        return OBOL_OK;
    }
    ENSURE(slice_starts(text, SLICE_LITERAL("flag_RSA_PROTOCOL")) ||
               slice_starts(text, SLICE_LITERAL("disable_freshness")),
           UNSUPPORTED, "kinit -X %.*s", SLICE_ARG(text));
    return OBOL_OK;
}

static enum obol_code take_text(struct kinit *k, int letter, const char *value, struct error *err) {
    switch (letter) {
    case 't':
        k->login.keytab = slice_str(value);
        return OBOL_OK;
    case 'X':
        return take_attribute(k, slice_str(value), err);
    case 'S':
        k->login.service = slice_str(value);
        return OBOL_OK;
    case 'T':
        k->login.armor = slice_str(value);
        k->login.armor_optional = true;
        return OBOL_OK;
    case 'c':
        k->cache = value;
        return OBOL_OK;
    case 'l':
        return take_duration(letter, value, &k->login.lifetime, err);
    case 'r':
        return take_duration(letter, value, &k->login.renewable, err);
    case 's':
        return take_duration(letter, value, &k->login.start, err);
    default:
        return error_set(err, OBOL_UNSUPPORTED, __func__, "kinit -%c", letter);
    }
}

static enum obol_code take(struct kinit *k, int letter, const char *value, struct error *err) {
    struct login_options *o = &k->login;
    const struct {
        int letter;
        bool *flag;
    } flags[] = {
        {'V', &k->verbose},    {'f', &o->forwardable},   {'F', &o->not_forwardable},
        {'p', &o->proxiable},  {'P', &o->not_proxiable}, {'C', &o->canonicalize},
        {'E', &o->enterprise}, {'v', &o->validate},      {'R', &o->renew},
        {'k', &o->use_keytab}, {'i', &o->client_keytab}, {'n', &o->anonymous},
        {'a', &o->addresses},  {'A', &o->no_addresses},
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (flags[i].letter == letter) {
            *flags[i].flag = true;
            return OBOL_OK;
        }
    return take_text(k, letter, value, err);
}

// kinit says who logs in where, when it is asked to.
static void tell(struct cli *c, const struct kinit *k, const struct ccache *cache,
                 const struct login_done *done) {
    if (!k->verbose)
        return;
    cli_print(c, CLI_PLAIN, "Using %s cache: %.*s\n",
              k->cache            ? "specified"
              : done->new_cache   ? "new"
              : done->other_cache ? "existing"
                                  : "default",
              SLICE_ARG(ccache_name(cache)));
    cli_print(c, CLI_PLAIN, "Using principal: %.*s\n",
              SLICE_ARG(principal_text(&done->ticket.client, c->arena)));
    cli_print(c, CLI_PLAIN, "Authenticated to Kerberos v5\n");
}

static enum obol_code kinit(struct cli *c, int argc, char **argv, int *status, struct error *err) {
    UNUSED(status);
    struct kinit k = {0};
    struct face_args g = {.argv = argv, .argc = argc, .longs = LONGS};
    int letter;
    while ((letter = face_next(&g, LETTERS, err)) > 0)
        TRY(take(&k, letter, g.value, err));
    ENSURE(letter == 0, USAGE, "the options");
    ENSURE(argc - g.at <= 1, USAGE, "one principal at most; '%s' is a second", argv[g.at + 1]);
    c->args = arena_zalloc(c->arena, 1, sizeof *c->args);
    ENSURE_MEMORY(c->args);
    c->arg_count = g.at < argc;
    *c->args = slice_str(c->arg_count ? argv[g.at] : NULL);
    c->cache = slice_str(k.cache);
    // It asks where a person sits, and else takes the line that a script gives it.
    if (!isatty(STDIN_FILENO))
        c->password_fd = STDIN_FILENO;
    CLEANUP(client_close) struct ccache *cache = NULL;
    struct login_done done;
    TRY(client_cache(c, &cache, err));
    TRY(login_perform(c, &k.login, &cache, &done, err));
    tell(c, &k, cache, &done);
    return OBOL_OK;
}

const struct face FACE_KINIT = {
    "kinit",
    "[-V] [-l lifetime] [-s start_time] [-r renewable_life] [-f | -F] [-p | -P] [-a | -A] [-C] "
    "[-E]\n"
    "        [-v | -R] [-k [-i | -t keytab_file]] [-c cachename] [-S service_name]\n        [-T "
    "armor_ccache] [-n] [-X attribute=value] [principal]",
    2,
    kinit,
};
