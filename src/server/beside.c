// beside.c: see beside.h.
#include "server/beside.h"
#include "base/arena.h"
#include "config/kdcconf.h"
#include "server/activation.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// What runs beside.
static const struct {
    const char *name;
    enum obol_code (*serve)(const struct kdc_serve_options *options, struct error *err);
    enum activation_use use;
} DAEMONS[] = {
    [BESIDE_KPASSWD] = {"kpasswd", kpasswd_serve, ACTIVATION_KPASSWD},
    [BESIDE_KADMIND] = {"kadmind", kadmind_serve, ACTIVATION_KADMIN},
};

static enum obol_code is_wanted(enum beside which, const struct kdc_serve_options *options,
                                bool *wanted, struct error *err) {
    CLEANUP(arena_clear) struct arena a = {0};
    struct kdcconf conf;
    const struct kdcconf_place place = {
        .home = options->home, .file = options->conf_file, .realm = slice_str(options->realm)};
    ENSURE(arena_init(&a, 64 * 1024, 16 * 1024 * 1024), NO_MEMORY, "the configuration");
    TRY(kdcconf_load(&conf, &place, &a, err));
    size_t said = which == BESIDE_KPASSWD ? conf.kpasswd_listen.count : conf.kadmind_listen.count;
    *wanted = said > 0 || activation_count(options->given, DAEMONS[which].use) > 0;
    return OBOL_OK;
}

static _Noreturn void run_child(enum beside which, const struct kdc_serve_options *options,
                                int ready, pid_t parent) {
    struct error err;
    error_init(&err);
    // Whatever becomes of the other one, nothing of it is left behind.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    struct kdc_serve_options own = *options;
    own.ready_fd = ready;
    own.listen_count = 0;
    own.no_notes = true; // the other one shows them
    own.with_others = false;
    enum obol_code code = DAEMONS[which].serve(&own, &err);
    if (code != OBOL_OK)
        fprintf(stderr, "obol: %s: %s: %s\n", DAEMONS[which].name, error_info(code)->text,
                err.detail);
    _exit(code == OBOL_OK ? 0 : 1);
}

static bool is_ready(int fd) {
    char byte;
    ssize_t n;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

enum obol_code beside_start(enum beside which, bool always, const struct kdc_serve_options *options,
                            pid_t *pid, struct error *err) {
    bool wanted = false;
    int ready[2];
    *pid = 0;
    TRY(is_wanted(which, options, &wanted, err));
    if (!wanted && !always)
        return OBOL_OK;
    ENSURE(pipe(ready) == 0, IO, "pipe: %s", strerror(errno));
    pid_t parent = getpid(), child = fork();
    ENSURE(child >= 0, IO, "fork: %s", strerror(errno));
    if (child == 0) {
        close(ready[0]);
        run_child(which, options, ready[1], parent);
    }
    close(ready[1]);
    bool serves = is_ready(ready[0]);
    close(ready[0]);
    if (!serves)
        (void)waitpid(child, NULL, 0);
    ENSURE(serves, IO, "%s could not start", DAEMONS[which].name);
    *pid = child;
    return OBOL_OK;
}

void beside_reload(pid_t pid) {
    if (pid > 0)
        (void)kill(pid, SIGHUP);
}

void beside_stop(pid_t pid) {
    if (pid > 0 && kill(pid, SIGTERM) == 0)
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
}
