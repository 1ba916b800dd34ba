// pki_file.c: see pki_file.h.
#include "cred/pkcs11.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, FILES_MAX = 512 };

static enum obol_code read_all(int fd, const char *path, struct arena *a, struct slice *out,
                               struct error *err) {
    struct stat st;
    ENSURE(fstat(fd, &st) == 0 && S_ISREG(st.st_mode), IO, "%s is no file", path);
    ENSURE(st.st_size <= FILE_MAX, IO, "%s has more than %d bytes", path, FILE_MAX);
    struct buf room = arena_buf(a, (size_t)st.st_size + 1);
    ENSURE_MEMORY(room.ptr);
    size_t len = 0;
    ssize_t n;
    while (len < room.len && (n = read(fd, room.ptr + len, room.len - len)) != 0) {
        ENSURE(n > 0 || errno == EINTR, IO, "%s: %s", path, strerror(errno));
        len += n > 0 ? (size_t)n : 0;
    }
    *out = slice_of(room.ptr, len);
    return OBOL_OK;
}

enum obol_code pki_file_read(struct slice path, struct arena *a, struct slice *out,
                             struct error *err) {
    const char *name = arena_cstr(a, path);
    ENSURE_MEMORY(name);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ENSURE(fd >= 0 || errno != ENOENT, NOT_FOUND, "%s does not exist", name);
    ENSURE(fd >= 0, IO, "%s: %s", name, strerror(errno));
    enum obol_code code = read_all(fd, name, a, out, err);
    close(fd);
    return code;
}

static bool take_prefix(struct slice *place, const char *prefix) {
    struct slice p = slice_str(prefix);
    if (!slice_starts(*place, p))
        return false;
    *place = slice_sub(*place, p.len, place->len);
    return true;
}

// ENV: once: a variable that names another leads nowhere. Who runs with more rights than its user
// has takes no word from the user's environment: a module (PKCS11:) would run with those rights.
static enum obol_code expand(struct slice *place, struct arena *a, struct error *err) {
    if (!take_prefix(place, "ENV:"))
        return OBOL_OK;
    const char *name = arena_cstr(a, *place);
    ENSURE_MEMORY(name);
    const char *value = secure_getenv(name);
    ENSURE(value, NOT_FOUND, "the environment has no %s", name);
    *place = slice_str(value);
    return OBOL_OK;
}

static bool ends(struct slice s, const char *end) {
    struct slice e = slice_str(end);
    return s.len > e.len && slice_eq(slice_sub(s, s.len - e.len, s.len), e);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The files of a directory in the order of their names.
static enum obol_code list_files(struct slice dir, struct arena *a, const char ***out,
                                 size_t *count, struct error *err) {
    const char *path = arena_cstr(a, dir), **names = arena_zalloc(a, FILES_MAX, sizeof *names);
    ENSURE_MEMORY(path && names ? path : NULL);
    DIR *d = opendir(path);
    ENSURE(d, NOT_FOUND, "%s: %s", path, strerror(errno));
    const struct dirent *e;
    *count = 0;
    while ((e = readdir(d)) != NULL && *count < FILES_MAX)
        if (e->d_name[0] != '.' && (names[*count] = arena_cstr(a, slice_str(e->d_name))) != NULL)
            ++*count;
    closedir(d);
    qsort(names, *count, sizeof *names, by_name);
    *out = names;
    return OBOL_OK;
}

static struct slice in_dir(struct slice dir, const char *name, size_t keep, struct arena *a) {
    return arena_printf(a, "%.*s/%.*s", SLICE_ARG(dir), (int)keep, name);
}

static enum obol_code trust_dir(struct pki_trust *t, enum pki_kind kind, struct slice dir,
                                struct arena *a, struct error *err) {
    const char **names;
    size_t count, added = 0;
    struct slice pem;
    TRY(list_files(dir, a, &names, &count, err));
    for (size_t i = 0; i < count; i++) {
        struct error ignored;
        error_init(&ignored);
        // A directory may hold other things: what is no certificate is passed over.
        if (pki_file_read(in_dir(dir, names[i], strlen(names[i]), a), a, &pem, &ignored) == OBOL_OK)
            added += pki_trust_add(t, kind, pem, &ignored) == OBOL_OK;
    }
    ENSURE(added, CERTIFICATE_UNUSABLE, "no file of %.*s holds a certificate or CRL",
           SLICE_ARG(dir));
    return OBOL_OK;
}

static enum obol_code say_where(struct error *err, enum obol_code code, struct slice place) {
    if (code != OBOL_OK)
        error_fact(err, "file", "%.*s", SLICE_ARG(place));
    return code;
}

enum obol_code pki_trust_load(struct pki_trust *t, enum pki_kind kind, struct slice place,
                              struct arena *a, struct error *err) {
    struct slice pem;
    TRY(expand(&place, a, err));
    if (take_prefix(&place, "DIR:"))
        return trust_dir(t, kind, place, a, err);
    (void)take_prefix(&place, "FILE:");
    TRY(pki_file_read(place, a, &pem, err));
    return say_where(err, pki_trust_add(t, kind, pem, err), place);
}

struct source {
    struct slice place, certificate, key; // the bytes
    bool pkcs12;
};

static enum obol_code make(struct pki_identity **out, const struct source *s, struct slice password,
                           struct error *err) {
    return s->pkcs12 ? pki_identity_pkcs12(out, s->certificate, password, err)
                     : pki_identity_new(out, s->certificate, s->key, password, err);
}

// Keys with a passphrase are tried without one first: a PKCS#12 does not tell.
static enum obol_code open_source(struct pki_identity **out, const struct source *s, pki_ask *ask,
                                  void *ask_ctx, struct error *err) {
    struct error first;
    error_init(&first);
    enum obol_code code = make(out, s, (struct slice){0}, &first);
    bool sealed =
        s->pkcs12 || (s->key.len && memmem(s->key.ptr, s->key.len, "ENCRYPTED", 9) != NULL);
    if (code == OBOL_OK || !ask || !sealed) {
        if (code != OBOL_OK)
            *err = first;
        return say_where(err, code, s->place);
    }
    const struct pki_question question = {.kind = PKI_ASK_PASSPHRASE, .place = s->place};
    struct secret password = {0};
    code = ask(ask_ctx, &question, &password, err);
    if (code == OBOL_OK)
        code = say_where(err, make(out, s, secret_slice(&password), err), s->place);
    secret_clear(&password);
    return code;
}

struct slice pki_question_text(const struct pki_question *q, struct arena *a) {
    static const char *const KINDS[] = {
        [PKI_ASK_PASSPHRASE] = "Passphrase for",
        [PKI_ASK_PIN] = "PIN of",
        [PKI_ASK_PIN_PAD] = "Type at the reader's keys the PIN of",
    };
    const char *warning = q->final_try   ? " (LAST TRY: the card locks itself if it is wrong)"
                          : q->count_low ? " (few tries are left)"
                                         : "";
    struct writer w = writer_to_arena(a);
    writer_printf(&w, "%s ", KINDS[q->kind]);
    text_escape(&w, q->place); // a card says what it likes of itself
    writer_str(&w, warning);
    return writer_slice(&w);
}

struct sources {
    struct source items[PKI_IDENTITIES_MAX];
    size_t count;
};

// Each x.crt that has an x.key beside it.
static enum obol_code find_pairs(struct slice dir, struct arena *a, struct sources *out,
                                 struct error *err) {
    const char **names;
    size_t count;
    TRY(list_files(dir, a, &names, &count, err));
    for (size_t i = 0; i < count && out->count < COUNT_OF(out->items); i++) {
        struct source *s = &out->items[out->count];
        struct slice name = slice_str(names[i]);
        if (!ends(name, ".crt"))
            continue;
        struct slice stem = in_dir(dir, names[i], name.len - 4, a);
        struct error ignored;
        error_init(&ignored);
        *s = (struct source){.place = arena_printf(a, "%.*s.crt", SLICE_ARG(stem))};
        struct slice key = arena_printf(a, "%.*s.key", SLICE_ARG(stem));
        if (pki_file_read(key, a, &s->key, &ignored) != OBOL_OK)
            continue;
        TRY(pki_file_read(s->place, a, &s->certificate, err));
        out->count++;
    }
    ENSURE(out->count, NOT_FOUND, "%.*s has no x.crt with an x.key beside it", SLICE_ARG(dir));
    return OBOL_OK;
}

static enum obol_code find_source(struct slice place, struct arena *a, struct source *s,
                                  struct error *err) {
    s->place = place;
    if (take_prefix(&place, "PKCS12:")) {
        s->pkcs12 = true;
        return pki_file_read(place, a, &s->certificate, err);
    }
    ENSURE(!slice_starts(place, SLICE_LITERAL("PKCS11:")), UNSUPPORTED,
           "keys on smart cards (PKCS11:) are for logins alone: a KDC's and a CA's stand in files");
    (void)take_prefix(&place, "FILE:");
    size_t comma = slice_find(place, ',');
    TRY(pki_file_read(slice_sub(place, 0, comma), a, &s->certificate, err));
    s->key = s->certificate;
    if (comma == place.len)
        return OBOL_OK;
    return pki_file_read(slice_sub(place, comma + 1, place.len), a, &s->key, err);
}

static enum obol_code find_sources(struct slice place, struct arena *a, struct sources *out,
                                   struct error *err) {
    *out = (struct sources){0};
    if (take_prefix(&place, "DIR:"))
        return find_pairs(place, a, out, err);
    out->count = 1;
    return find_source(place, a, &out->items[0], err);
}

enum obol_code pki_identity_load(struct pki_identity **out, struct slice place, pki_ask *ask,
                                 void *ask_ctx, struct arena *a, struct error *err) {
    struct sources s;
    *out = NULL;
    TRY(expand(&place, a, err));
    TRY(find_sources(place, a, &s, err));
    return open_source(out, &s.items[0], ask, ask_ctx, err);
}

enum obol_code pki_identities_load(struct pki_identities *out, struct slice place, pki_ask *ask,
                                   void *ask_ctx, struct arena *a, struct error *err) {
    struct sources s;
    enum obol_code code = OBOL_OK;
    *out = (struct pki_identities){0};
    TRY(expand(&place, a, err));
    if (take_prefix(&place, "PKCS11:"))
        return pkcs11_identities_load(out, place, ask, ask_ctx, a, err);
    TRY(find_sources(place, a, &s, err));
    for (size_t i = 0; i < s.count; i++) {
        struct error one;
        error_init(&one);
        enum obol_code this = open_source(&out->items[out->count], &s.items[i], ask, ask_ctx, &one);
        if (this == OBOL_OK)
            out->count++;
        if (this != OBOL_OK && code == OBOL_OK) {
            code = this;
            *err = one;
        }
    }
    if (!out->count)
        return code;
    error_init(err); // one of them can be used
    return OBOL_OK;
}

void pki_identities_clear(struct pki_identities *ids) {
    for (size_t i = 0; i < ids->count; i++)
        pki_identity_free(ids->items[i]);
    *ids = (struct pki_identities){0};
}
