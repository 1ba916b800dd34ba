// face_daemon.c: see face_daemon.h.
#include "cli/face_daemon.h"
#include "config/kdcconf.h"
#include "server/log_file.h"
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static enum obol_code write_pid(const char *path, pid_t pid, struct error *err) {
    char text[32];
    int n = snprintf(text, sizeof text, "%d\n", (int)pid);
    return files_replace(path, slice_of(text, (size_t)n), false, err);
}

// The child tells its readiness through a pipe; what reads it says so, in MIT's words. In the
// foreground that is a helper process, so that the KDC itself is the process that was started.
static void say_ready(int fd, const char *name) {
    char byte;
    ssize_t n;
    do
        n = read(fd, &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n == 1)
        dprintf(STDOUT_FILENO, "%s: starting...\n", name);
}

// In the background nobody reads the standard error: what kdc.conf would log there goes to syslog.
static enum obol_code choose_log(const struct face_daemon *d, const struct face_place *place,
                                 struct cli *c, const char **log, bool *json, struct error *err) {
    struct kdcconf conf;
    const struct kdcconf_place where = {place->home, place->conf_file, place->realm};
    TRY(kdcconf_load(&conf, &where, c->arena, err));
    struct slice said = kdcconf_logging(&conf, d->logs);
    bool nowhere = !said.len || slice_eq_str(said, "stderr");
    *json = conf.log_format == KDC_LOG_JSON;
    *log = !nowhere ? arena_cstr(c->arena, said) : d->foreground ? NULL : "syslog";
    ENSURE(nowhere || *log, NO_MEMORY, "the name of the log");
    return OBOL_OK;
}

enum obol_code face_daemon_realm(struct face_daemon *d, const char *realm, struct error *err) {
    for (size_t i = 0; i < d->realm_count; i++)
        if (slice_eq_str(d->realms[i], realm))
            return OBOL_OK;
    ENSURE(d->realm_count < FACE_REALMS_MAX, USAGE, "-r: at most %d realms", FACE_REALMS_MAX);
    d->realms[d->realm_count++] = slice_str(realm);
    return OBOL_OK;
}

// Each in its own place.
static enum obol_code find_further(const struct face_daemon *d, struct cli *c,
                                   struct kdc_serve_options *out, struct error *err) {
    size_t count = d->realm_count ? d->realm_count - 1 : 0;
    struct kdc_serve_further *list = arena_zalloc(c->arena, count + 1, sizeof *list);
    ENSURE_MEMORY(list);
    for (size_t i = 0; i < count; i++) {
        struct face_place place;
        TRY(face_place(c, d->realms[i + 1], &place, err));
        ENSURE(
            place.conf_file, USAGE,
            "-r twice: several realms have their places in the file that KRB5_KDC_PROFILE names; "
            "of homes of Obol's own, also_serve in kdc.conf names the others");
        list[i] = (struct kdc_serve_further){place.home, place.conf_file,
                                             arena_cstr(c->arena, place.realm)};
        ENSURE_MEMORY(list[i].realm);
    }
    out->further = list;
    out->further_count = count;
    return OBOL_OK;
}

static enum obol_code serve(const struct face_daemon *d, const struct face_place *place, int ready,
                            struct cli *c, struct error *err) {
    const char *realm = arena_cstr(c->arena, place->realm);
    const char *log = NULL;
    bool json;
    ENSURE_MEMORY(realm);
    TRY(choose_log(d, place, c, &log, &json, err));
    struct kdc_serve_options options = {
        .home = place->home,
        .conf_file = place->conf_file,
        .realm = place->conf_file ? realm : NULL,
        .workers = (unsigned)d->workers,
        .log = log,
        .ready_fd = ready,
        .quiet = true,
        .with_others = d->with_others,
    };
    TRY(find_further(d, c, &options, err));
    if (d->pid_file)
        TRY(write_pid(d->pid_file, getpid(), err));
    enum obol_code code = d->serve(&options, err);
    if (d->pid_file)
        unlink(d->pid_file);
    return code;
}

// Forks twice, so that the helper is nobody's child to wait for.
static enum obol_code start_helper(int ready[2], const char *name, struct error *err) {
    pid_t child = fork();
    ENSURE(child >= 0, IO, "fork: %s", strerror(errno));
    if (child == 0) {
        close(ready[1]);
        if (fork() == 0)
            say_ready(ready[0], name);
        _exit(0);
    }
    close(ready[0]);
    ENSURE(waitpid(child, NULL, 0) == child, IO, "waitpid: %s", strerror(errno));
    return OBOL_OK;
}

// Passes on what the KDC says on its standard error until it is ready or gone.
static int wait_ready(int ready, int errors) {
    struct pollfd fds[] = {{.fd = ready, .events = POLLIN}, {.fd = errors, .events = POLLIN}};
    char text[512];
    for (;;) {
        if (poll(fds, COUNT_OF(fds), -1) < 0 && errno != EINTR)
            return 1;
        ssize_t n = fds[1].revents ? read(errors, text, sizeof text) : 0;
        if (n > 0)
            (void)!write(STDERR_FILENO, text, (size_t)n);
        else if (fds[0].revents)
            return read(ready, text, 1) == 1 ? 0 : 1;
        else if (fds[1].revents)
            fds[1].fd = -1;
    }
}

static void pass_on_lines(int errors, const char *log) {
    FILE *from = fdopen(errors, "r");
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; from && (n = getline(&line, &room, from)) > 0;) {
        struct log_file to = {.path = log, .what = "log"};
        struct error err;
        error_init(&err);
        if (log_file_open(&to, &err) != OBOL_OK)
            continue;
        (void)log_file_write(&to, slice_of(line, (size_t)n));
        if (!to.syslog)
            close(to.fd); // it is opened anew for each line: it may have been rotated
    }
    free(line);
}

// What the daemon itself says once it serves (a reload that was refused, a log that cannot be
// written) goes where its log does, by a process that ends with it. One that writes JSON has no
// place for other lines: syslog has.
static void start_passing_on(int errors, const char *log) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = null >= 0 ? fork() : -1;
    if (child < 0)
        fprintf(stderr, "what it says later is not logged: %s\n", strerror(errno));
    if (child != 0)
        return;
    setsid();
    // What ends or reloads all processes of a name or a unit is for the daemon: this one goes when
    // there is nobody left who could say a word.
    static const int others[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGXFSZ};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        signal(others[i], SIG_IGN);
    prctl(PR_SET_NAME, "obol-words");
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        (void)dup2(null, fd);
    pass_on_lines(errors, log);
    _exit(0);
}

// In the background: a KDC that holds nothing of the terminal, and a parent that ends when it
// serves or has failed.
static enum obol_code daemonize(int ready[2], const char *log, bool *parent, int *status,
                                struct error *err) {
    int errors[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    // Words that nobody takes, as the log's disk hangs, hold no daemon up.
    ENSURE(null >= 0 && pipe(errors) == 0 && fcntl(errors[1], F_SETFL, O_NONBLOCK) == 0, IO,
           "/dev/null or a pipe: %s", strerror(errno));
    pid_t child = fork();
    ENSURE(child >= 0, IO, "fork: %s", strerror(errno));
    *parent = child > 0;
    close(ready[*parent]);
    close(errors[*parent]);
    if (*parent) {
        *status = wait_ready(ready[0], errors[0]);
        if (*status == 0)
            start_passing_on(errors[0], log);
        return OBOL_OK;
    }
    signal(SIGPIPE, SIG_IGN); // of the standard error, once the parent is gone
    setsid();
    bool turned = dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
                  dup2(errors[1], STDERR_FILENO) >= 0;
    close(errors[1]);
    ENSURE(turned, IO, "dup2: %s", strerror(errno));
    return OBOL_OK;
}

enum obol_code face_daemon_run(const struct face_daemon *d, struct cli *c, int *status,
                               struct error *err) {
    struct face_place place;
    int ready[2];
    TRY(face_place(c, d->realms[0], &place, err));
    ENSURE(pipe(ready) == 0, IO, "pipe: %s", strerror(errno));
    if (d->foreground) {
        TRY(start_helper(ready, d->name, err));
        return serve(d, &place, ready[1], c, err);
    }
    bool parent = false, json = false;
    const char *log = NULL;
    TRY(choose_log(d, &place, c, &log, &json, err));
    if (log[0] != '/' && strcmp(log, "syslog") != 0)
        log = arena_cstr(c->arena, arena_printf(c->arena, "%s/%s", place.home, log));
    ENSURE_MEMORY(log);
    TRY(daemonize(ready, json ? "syslog" : log, &parent, status, err));
    return parent ? OBOL_OK : serve(d, &place, ready[1], c, err);
}
