// ccache_dir.c: the DIR cache: a directory of FILE caches whose names begin with "tkt", and a file
// `primary` that names one of them (MIT krb5's ccache_types(7)). "DIR:/path" is the collection,
// "DIR::/path/tktabc" a cache in it.
#include "cred/ccache_ops.h"
#include "cred/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX  "tkt"
#define PRIMARY "primary"

static const struct cred_file_kind PRIMARY_FILE = {OBOL_CCACHE_NOT_FOUND, OBOL_CCACHE_IO, 64, true};

static bool is_cache_name(struct slice name) {
    return slice_starts(name, SLICE_LITERAL(PREFIX)) && slice_find(name, '/') == name.len &&
           slice_find(name, '\\') == name.len;
}

// The directory and the name of a path; false without a directory.
static bool split(struct slice path, struct slice *dir, struct slice *name) {
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    *name = slice_sub(path, at, SIZE_MAX);
    while (at > 1 && path.ptr[at - 1] == '/')
        at--;
    *dir = slice_sub(path, 0, at);
    return at > 0;
}

// check_dir makes the directory if it is not there, as MIT krb5 does. One of another user's would
// let him put his tickets in the place of ours.
static enum obol_code check_dir(const char *dir, struct error *err) {
    struct stat st;
    if (stat(dir, &st) != 0) {
        int why = errno;
        if (why == ENOENT && mkdir(dir, 0700) == 0)
            return OBOL_OK;
        error_remedy(err, "Make the directory: mkdir -m 700 %s; or name another cache.", dir);
        ENSURE(false, CCACHE_NOT_FOUND, "the directory %s: %s", dir, strerror(why));
    }
    ENSURE(S_ISDIR(st.st_mode), CCACHE_FORMAT, "%s is not a directory, and DIR: wants one", dir);
    ENSURE(st.st_uid == geteuid() || st.st_uid == 0 || geteuid() == 0, PERMISSION,
           "the directory %s belongs to user %u, and this process runs as user %u: its tickets are "
           "not taken",
           dir, st.st_uid, geteuid());
    return OBOL_OK;
}

static enum obol_code set_primary(const char *dir, struct slice name, struct arena *a,
                                  struct error *err) {
    struct slice path = arena_printf(a, "%s/" PRIMARY, dir);
    struct slice line = arena_printf(a, "%.*s\n", SLICE_ARG(name));
    ENSURE_MEMORY(path.ptr);
    ENSURE_MEMORY(line.ptr);
    return cred_file_replace(&PRIMARY_FILE, (const char *)path.ptr, line, err);
}

// read_primary gives the name that `primary` holds; CCACHE_NOT_FOUND if there is no such file.
static enum obol_code read_primary(const char *dir, struct arena *a, struct slice *name,
                                   struct error *err) {
    const char *path = (const char *)arena_printf(a, "%s/" PRIMARY, dir).ptr;
    struct slice bytes;
    ENSURE_MEMORY(path);
    CLEANUP(cred_file_close) struct cred_file f;
    TRY(cred_file_open(&f, &PRIMARY_FILE, path, CRED_FILE_READ, err));
    TRY(cred_file_read(&f, a, &bytes, err));
    size_t end = slice_find(bytes, '\n');
    *name = slice_sub(bytes, 0, end);
    ENSURE(end < bytes.len && is_cache_name(*name), CCACHE_FORMAT,
           "%s does not hold the name of a cache on a line of its own; such begin with " PREFIX,
           path);
    return OBOL_OK;
}

static enum obol_code primary_of(const char *dir, struct arena *a, struct slice *name,
                                 struct error *err) {
    struct error missing;
    error_init(&missing);
    TRY(check_dir(dir, err));
    enum obol_code code = read_primary(dir, a, name, &missing);
    if (code == OBOL_CCACHE_NOT_FOUND) {
        *name = SLICE_LITERAL(PREFIX);
        return set_primary(dir, *name, a, err);
    }
    if (code == OBOL_OK)
        return OBOL_OK;
    (void)error_set(err, code, __func__, "%s", missing.detail);
    return code; // and not error_set's: analysers see that it is a failure
}

static void clear_arena(struct arena *a) {
    arena_clear(a);
}
#define SMALL_ARENA 16384u

static enum obol_code open_collection(struct ccache *cc, struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct slice name;
    ENSURE(arena_init(&a, SMALL_ARENA, SMALL_ARENA), NO_MEMORY, "no memory for a name");
    TRY(primary_of(cc->residual, &a, &name, err));
    return ccache_rename(
        cc, arena_printf(&a, ":%s/%.*s", cc->residual, (int)name.len, (const char *)name.ptr), err);
}

static enum obol_code dir_open(struct ccache *cc, const struct krb5conf *conf, struct error *err) {
    UNUSED(conf);
    struct slice dir, name;
    ENSURE(cc->residual[0] != '\0', INVALID_ARGUMENT,
           "DIR: wants the name of a directory behind it");
    if (cc->residual[0] != ':')
        TRY(open_collection(cc, err));
    ENSURE(split(slice_str(cc->residual + 1), &dir, &name) && is_cache_name(name), INVALID_ARGUMENT,
           "DIR:%s: a cache in a directory is named DIR::/directory/" PREFIX "NAME", cc->residual);
    cc->path = cc->residual + 1;
    return OBOL_OK;
}

static enum obol_code dir_make_primary(struct ccache *cc, struct error *err) {
    CLEANUP(clear_arena) struct arena a;
    struct slice dir, name;
    ENSURE(arena_init(&a, SMALL_ARENA, SMALL_ARENA), NO_MEMORY, "no memory for a name");
    (void)split(slice_str(cc->path), &dir, &name); // dir_open has seen that it can be split
    const char *text = arena_cstr(&a, dir);
    ENSURE_MEMORY(text);
    return set_primary(text, name, &a, err);
}

// ---- the collection

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}
static int only_caches(const struct dirent *entry) {
    return is_cache_name(slice_str(entry->d_name));
}

static enum obol_code add(const char *dir, struct slice name, struct arena *a,
                          struct slice_list *out, struct error *err) {
    struct slice residual = arena_printf(a, ":%s/%.*s", dir, (int)name.len, name.ptr);
    ENSURE_MEMORY(residual.ptr);
    return ccache_file_there((const char *)residual.ptr + 1)
               ? ccache_list_add(out, residual, a, err)
               : OBOL_OK;
}

static enum obol_code dir_list(const char *residual, const struct krb5conf *conf, struct arena *a,
                               struct slice_list *out, struct error *err) {
    UNUSED(conf);
    if (residual[0] == ':')
        return ccache_file_there(residual + 1) ? ccache_list_add(out, slice_str(residual), a, err)
                                               : OBOL_OK;
    struct slice primary;
    struct dirent **entries;
    TRY(primary_of(residual, a, &primary, err));
    int count = scandir(residual, &entries, only_caches, by_name);
    if (count < 0)
        return cred_file_failed(&PRIMARY_FILE, residual, errno, err);
    enum obol_code code = add(residual, primary, a, out, err);
    for (int i = 0; i < count; i++) {
        struct slice name = slice_str(entries[i]->d_name);
        if (code == OBOL_OK && !slice_eq(name, primary))
            code = add(residual, name, a, out, err);
        free(entries[i]);
    }
    free(entries);
    return code;
}

static enum obol_code dir_unique(const char *residual, const struct krb5conf *conf, struct arena *a,
                                 struct slice *out, struct error *err) {
    UNUSED(conf);
    if (residual[0] == '\0' || residual[0] == ':') {
        error_remedy(err, "Set KRB5CCNAME or default_ccache_name to DIR:/directory.");
        ENSURE(false, UNSUPPORTED,
               "a new cache of kind DIR needs a directory, and the default cache is not one");
    }
    TRY(check_dir(residual, err));
    struct slice path = arena_printf(a, "%s/" PREFIX "XXXXXX", residual);
    ENSURE_MEMORY(path.ptr);
    TRY(ccache_file_unique(&path, a, err));
    *out = arena_printf(a, ":%.*s", (int)path.len, (const char *)path.ptr);
    ENSURE_MEMORY(out->ptr);
    return OBOL_OK;
}

const struct ccache_ops CCACHE_DIR = {
    .kind = "DIR",
    .collects = true,
    .open = dir_open,
    .close = ccache_file_close,
    .initialize = ccache_file_initialize,
    .store = ccache_file_store,
    .read = ccache_file_read,
    .remove = ccache_file_remove,
    .destroy = ccache_file_destroy,
    .list = dir_list,
    .unique = dir_unique,
    .make_primary = dir_make_primary,
};
