// expand.c: see expand.h.
#include "config/expand.h"
#include "config/nearest.h"
#include "config/notes.h"
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static void write_uid(struct writer *w) {
    writer_printf(w, "%lu", (unsigned long)getuid());
}
static void write_euid(struct writer *w) {
    writer_printf(w, "%lu", (unsigned long)geteuid());
}
static void write_username(struct writer *w) {
    char room[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(geteuid(), &entry, room, sizeof room, &found) != 0 || !found)
        w->failed = true;
    else
        writer_str(w, found->pw_name);
}
static void write_temp(struct writer *w) {
    // A program with more rights than its caller must not let the caller choose.
    const char *dir = secure_getenv("TMPDIR");
    writer_str(w, dir && *dir ? dir : "/tmp");
}
static void write_null(struct writer *w) {
    UNUSED(w);
}
static void write_lib(struct writer *w) {
    writer_str(w, "/usr/lib");
}
static void write_bin(struct writer *w) {
    writer_str(w, "/usr/bin");
}
static void write_sbin(struct writer *w) {
    writer_str(w, "/usr/sbin");
}

static const struct token {
    const char *name;
    void (*write)(struct writer *w);
} TOKENS[] = {
    {"uid", write_uid},           {"USERID", write_uid}, {"euid", write_euid},
    {"username", write_username}, {"TEMP", write_temp},  {"null", write_null},
    {"LIBDIR", write_lib},        {"BINDIR", write_bin}, {"SBINDIR", write_sbin},
};

static enum obol_code write_token(struct writer *w, struct slice name, struct arena *a,
                                  struct error *err) {
    struct nearest nearest = nearest_of(name);
    for (size_t i = 0; i < COUNT_OF(TOKENS); i++) {
        if (slice_eq_str(name, TOKENS[i].name)) {
            TOKENS[i].write(w);
            return OBOL_OK;
        }
        nearest_offer(&nearest, TOKENS[i].name);
    }
    ENSURE(nearest.best == NULL, CONFIG_SYNTAX, "%%{%s} is not a token; did you mean %%{%s}?",
           config_text(a, name), nearest.best);
    ENSURE(false, CONFIG_SYNTAX, "%%{%s} is not a token; there are uid, euid, username, TEMP, null",
           config_text(a, name));
}

enum obol_code config_expand(struct slice text, struct arena *a, struct slice *out,
                             struct error *err) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < text.len; i++) {
        bool token = text.ptr[i] == '%' && i + 1 < text.len && text.ptr[i + 1] == '{';
        if (!token) {
            writer_u8(&w, text.ptr[i]);
            continue;
        }
        struct slice rest = slice_sub(text, i + 2, SIZE_MAX);
        size_t end = slice_find(rest, '}');
        ENSURE(end < rest.len, CONFIG_SYNTAX, "'%s' has a %%{ without its }", config_text(a, text));
        TRY(write_token(&w, slice_sub(rest, 0, end), a, err));
        i += end + 2;
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "a token of '%s' has no value here", config_text(a, text));
    *out = writer_slice(&w);
    return OBOL_OK;
}
