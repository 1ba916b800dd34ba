// face_krb5kdc.c: krb5kdc and kadmind: obol serve with the flags, the configuration and the line of
// readiness of MIT krb5's daemons. kadmind administers the realm, and changes passwords beside.
#include "cli/face_daemon.h"
#include "config/duration.h"

static enum obol_code take_kdc(struct face_args *g, struct face_daemon *d, struct error *err) {
    int letter;
    while ((letter = face_next(g, "x:r:d:mk:M:e:P:p:s:nw:4:T:R:X3", err)) > 0) {
        if (letter == 'r')
            TRY(face_daemon_realm(d, g->value, err));
        if (letter == 'P')
            d->pid_file = g->value;
        if (letter == 'w')
            ENSURE(number_parse(slice_str(g->value), &d->workers) && d->workers > 0 &&
                       d->workers <= SERVER_WORKERS_MAX,
                   USAGE, "-w '%s' is no number of workers (1 to %d)", g->value,
                   SERVER_WORKERS_MAX);
        ENSURE(letter != 'p' && letter != 'T', UNSUPPORTED,
               "krb5kdc -%c; ports are said by kdc_listen in kdc.conf", letter);
        d->foreground |= letter == 'n';
    }
    ENSURE(letter == 0 && g->at == g->argc, USAGE, "no words are expected behind the options");
    return OBOL_OK;
}

static enum obol_code krb5kdc(struct cli *c, int argc, char **argv, int *status,
                              struct error *err) {
    struct face_args g = {.argv = argv, .argc = argc};
    struct face_daemon d = {.name = "krb5kdc", .logs = "kdc", .serve = kdc_serve};
    TRY(take_kdc(&g, &d, err));
    return face_daemon_run(&d, c, status, err);
}

const struct face FACE_KRB5KDC = {
    "krb5kdc",
    "[-n] [-r realm]... [-w workers] [-P pid_file] [-d dbname] [-x db_args]",
    1,
    krb5kdc,
};

// kadmind's options are words behind one dash. Those that have a value: what replicates databases
// is taken and not needed.
static const char *const WITH_VALUE[] = {"-r", "-P", "-x", "-port", "-p", "-K", "-k", "-F", NULL};
static const char *const FLAGS[] = {"-nofork", "-W", "-m", "-proponly", NULL};

static bool is_one_of(const char *word, const char *const *list) {
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static enum obol_code take_kadmind(int argc, char **argv, struct face_daemon *d,
                                   struct error *err) {
    for (int i = 0; i < argc; i++) {
        if (is_one_of(argv[i], FLAGS)) {
            d->foreground |= strcmp(argv[i], "-nofork") == 0;
            continue;
        }
        ENSURE(is_one_of(argv[i], WITH_VALUE), USAGE, "there is no option %s", argv[i]);
        ENSURE(i + 1 < argc, USAGE, "%s needs a value", argv[i]);
        const char *option = argv[i], *value = argv[++i];
        if (strcmp(option, "-r") == 0)
            TRY(face_daemon_realm(d, value, err));
        if (strcmp(option, "-P") == 0)
            d->pid_file = value;
    }
    return OBOL_OK;
}

static enum obol_code kadmind(struct cli *c, int argc, char **argv, int *status,
                              struct error *err) {
    struct face_daemon d = {
        .name = "kadmind", .logs = "admin_server", .serve = kadmind_serve, .with_others = true};
    TRY(take_kadmind(argc, argv, &d, err));
    return face_daemon_run(&d, c, status, err);
}

const struct face FACE_KADMIND = {"kadmind", "[-nofork] [-r realm] [-P pid_file]", 1, kadmind};
