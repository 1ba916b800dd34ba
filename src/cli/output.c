// output.c: see output.h: text, tables and colour.
#include "cli/output.h"
#include "cli/times.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const STYLES[] = {
    [CLI_PLAIN] = "",        [CLI_BOLD] = "\033[1m", [CLI_DIM] = "\033[2m",
    [CLI_GOOD] = "\033[32m", [CLI_BAD] = "\033[31m", [CLI_WARN] = "\033[33m",
};

void cli_flush(struct cli *c) {
    struct slice s = writer_slice(&c->out);
    while (s.len && !c->write_error) {
        ssize_t n = write(STDOUT_FILENO, s.ptr, s.len);
        if (n < 0 && errno != EINTR)
            c->write_error = errno;
        s = slice_sub(s, n > 0 ? (size_t)n : 0, SIZE_MAX);
    }
    c->out.len = 0;
}

void cli_print(struct cli *c, enum cli_style style, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        c->out.failed = true;
        return;
    }
    bool styled = c->colour && style != CLI_PLAIN;
    if (styled)
        writer_str(&c->out, STYLES[style]);
    writer_bytes(&c->out, slice_of(text, (size_t)n));
    if (styled)
        writer_str(&c->out, "\033[0m");
    free(text);
}

void cli_show(struct cli *c, struct slice bytes) {
    text_escape(&c->out, bytes);
}

void cli_warn(struct cli *c, const char *format, ...) {
    cli_flush(c);
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", c->program);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

struct slice cli_time(struct cli *c, int64_t t) {
    struct writer w = writer_to_arena(c->arena);
    if (t == 0)
        return SLICE_LITERAL("never");
    time_write(&w, t);
    return writer_slice(&w);
}

struct slice cli_time_iso(struct cli *c, int64_t t) {
    struct writer w = writer_to_arena(c->arena);
    time_write_iso(&w, t);
    return writer_slice(&w);
}

// ---- tables

void cli_table_begin(struct cli_table *t, struct cli *c, const char *heads) {
    *t = (struct cli_table){.cli = c};
    struct slice rest = slice_str(heads);
    while (rest.len && t->columns < CLI_COLUMNS_MAX) {
        size_t end = slice_find(rest, '|');
        t->heads[t->columns++] = arena_cstr(c->arena, slice_sub(rest, 0, end));
        rest = slice_sub(rest, end + 1, SIZE_MAX);
    }
}

void cli_cell(struct cli_table *t, struct slice text) {
    struct arena *a = t->cli->arena;
    if (t->count == t->room) {
        size_t room = t->room ? t->room * 2 : 32;
        struct slice *bigger = arena_zalloc(a, room, sizeof *bigger);
        if (!bigger) {
            t->cli->out.failed = true;
            return;
        }
        if (t->count)
            memcpy(bigger, t->cells, t->count * sizeof *bigger);
        t->cells = bigger;
        t->room = room;
    }
    struct writer w = writer_to_arena(a);
    text_escape(&w, text);
    t->cells[t->count++] = writer_slice(&w);
}

void cli_cellf(struct cli_table *t, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    cli_cell(t, slice_of(text, len));
}

// Width on a terminal: one a character, continuation bytes of UTF-8 are none.
static size_t width_of(struct slice s) {
    size_t width = 0;
    for (size_t i = 0; i < s.len; i++)
        width += (s.ptr[i] & 0xc0) != 0x80;
    return width;
}

static void pad(struct cli *c, size_t n) {
    while (n-- > 0)
        writer_u8(&c->out, ' ');
}

static void write_row(const struct cli_table *t, const size_t *widths, const struct slice *cells) {
    for (size_t i = 0; i < t->columns; i++) {
        writer_bytes(&t->cli->out, cells[i]);
        if (i + 1 < t->columns)
            pad(t->cli, widths[i] - width_of(cells[i]) + 2);
    }
    writer_u8(&t->cli->out, '\n');
}

void cli_table_end(struct cli_table *t) {
    size_t widths[CLI_COLUMNS_MAX] = {0};
    struct slice heads[CLI_COLUMNS_MAX];
    for (size_t i = 0; i < t->columns; i++) {
        heads[i] = slice_str(t->heads[i]);
        widths[i] = width_of(heads[i]);
    }
    for (size_t i = 0; t->columns && i < t->count; i++) {
        size_t width = width_of(t->cells[i]);
        if (width > widths[i % t->columns])
            widths[i % t->columns] = width;
    }
    if (t->cli->colour)
        writer_str(&t->cli->out, STYLES[CLI_BOLD]);
    write_row(t, widths, heads);
    if (t->cli->colour)
        writer_str(&t->cli->out, "\033[0m");
    for (size_t i = 0; i + t->columns <= t->count; i += t->columns)
        write_row(t, widths, &t->cells[i]);
}
