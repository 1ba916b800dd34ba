// password.c: see password.h. While echo is off signals are caught, so that the terminal is put
// right again before they do their work.
#include "cli/password.h"
#include "base/ct.h"
#include "cli/output.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void on_signal(int number) {
    caught = number;
}

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGALRM};

// Signals are held back but while the terminal is waited for: one that comes in between is not
// lost.
struct held {
    struct sigaction actions[COUNT_OF(SIGNALS)];
    sigset_t mask;
};

static void catch_signals(struct held *before) {
    struct sigaction action = {.sa_handler = on_signal}; // no SA_RESTART: ppoll() must return
    sigset_t ours;
    sigemptyset(&action.sa_mask);
    sigemptyset(&ours);
    caught = 0;
    for (size_t i = 0; i < COUNT_OF(SIGNALS); i++)
        sigaddset(&ours, SIGNALS[i]);
    sigprocmask(SIG_BLOCK, &ours, &before->mask);
    for (size_t i = 0; i < COUNT_OF(SIGNALS); i++)
        sigaction(SIGNALS[i], &action, &before->actions[i]);
}

static void release_signals(const struct held *before) {
    for (size_t i = 0; i < COUNT_OF(SIGNALS); i++)
        sigaction(SIGNALS[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

// A byte of the line; 0 at the end of the input, -1 on a failure or a signal.
static ssize_t read_byte(int fd, const struct held *held, uint8_t *byte) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    for (;;) {
        if (held && ppoll(&ready, 1, NULL, &held->mask) < 0 && errno != EINTR)
            return -1;
        if (held && caught)
            return -1;
        ssize_t n = read(fd, byte, 1);
        if (n >= 0 || errno != EINTR)
            return n;
    }
}

// read_line reads up to a newline, byte by byte: what follows belongs to somebody else. -1 on a
// failure or a signal, with errno 0 where the input ends before it begins (Ctrl-D is no password);
// a line that is too long counts as one of CLI_PASSWORD_MAX + 1.
static ssize_t read_line(int fd, const struct held *held, uint8_t *line) {
    size_t len = 0;
    for (;;) {
        uint8_t byte;
        ssize_t n = read_byte(fd, held, &byte);
        if (n == 0 && len == 0)
            errno = 0;
        if (n < 0 || (n == 0 && len == 0))
            return -1;
        if (n == 0 || byte == '\n')
            break;
        if (len <= CLI_PASSWORD_MAX)
            line[len++] = byte;
        wipe(&byte, 1);
    }
    if (len && line[len - 1] == '\r')
        len--;
    return (ssize_t)len;
}

static enum obol_code keep(uint8_t *line, ssize_t len, struct secret *out, struct error *err) {
    bool fits = len >= 0 && len <= CLI_PASSWORD_MAX;
    bool kept = fits && secret_copy(out, slice_of(line, (size_t)len));
    int why = errno;
    wipe(line, CLI_PASSWORD_MAX + 1);
    ENSURE(len >= 0, PASSWORD_NEEDED, "it cannot be read: %s",
           why ? strerror(why) : "the input ended before it");
    ENSURE(fits, INVALID_ARGUMENT, "the password is longer than %d bytes", CLI_PASSWORD_MAX);
    ENSURE(kept, NO_MEMORY, "no locked memory for the password");
    return OBOL_OK;
}

static ssize_t ask(int tty, struct slice prompt, uint8_t *line) {
    struct termios before, silent;
    struct held held;
    bool is_terminal = tcgetattr(tty, &before) == 0;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    // Silent before it asks: who answers at once is neither shown nor lost.
    catch_signals(&held);
    if (is_terminal)
        tcsetattr(tty, TCSAFLUSH, &silent);
    dprintf(tty, "%.*s: ", SLICE_ARG(prompt));
    ssize_t len = read_line(tty, &held, line);
    int why = errno, number = caught;
    if (is_terminal)
        tcsetattr(tty, TCSAFLUSH, &before);
    release_signals(&held);
    dprintf(tty, "\n");
    if (number) {
        wipe(line, CLI_PASSWORD_MAX + 1);
        kill(getpid(), number);
    }
    errno = why;
    // Back from a stop: ask again.
    return number == SIGTSTP ? ask(tty, prompt, line) : len;
}

enum obol_code cli_password(struct cli *c, struct slice prompt, struct secret *out,
                            struct error *err) {
    uint8_t line[CLI_PASSWORD_MAX + 1];
    if (c->password_fd >= 0) {
        if (c->prompts)
            cli_print(c, CLI_PLAIN, "%.*s: \n", SLICE_ARG(prompt));
        return keep(line, read_line(c->password_fd, NULL, line), out, err);
    }
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    ENSURE(tty >= 0, PASSWORD_NEEDED,
           "there is no terminal to ask on; use --password-stdin or --password-fd");
    cli_flush(c);
    ssize_t len = ask(tty, prompt, line);
    close(tty);
    return keep(line, len, out, err);
}

static void clear(struct secret *s) {
    secret_clear(s);
}

enum obol_code cli_new_password(struct cli *c, struct slice prompt, struct secret *out,
                                struct error *err) {
    CLEANUP(clear) struct secret first = {0};
    TRY(cli_password(c, prompt, &first, err));
    ENSURE(first.len > 0, INVALID_ARGUMENT, "the password is empty");
    if (c->password_fd < 0) {
        CLEANUP(clear) struct secret second = {0};
        struct slice again = arena_printf(c->arena, "%.*s, again", SLICE_ARG(prompt));
        TRY(cli_password(c, again, &second, err));
        ENSURE(ct_equal(secret_slice(&first), secret_slice(&second)), INVALID_ARGUMENT,
               "the two passwords differ");
    }
    *out = first;
    first = (struct secret){0};
    return OBOL_OK;
}
