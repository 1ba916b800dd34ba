// realm_copy.c: the files of a realm, copied while it is served; see realm_copy.h.
#include "cli/realm_copy.h"
#include "base/ct.h"
#include "store/files.h"
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#define FILE_MAX (64u << 20) // what is larger is no configuration

// Logs, caches of replays and locks are of the daemon that runs, and not of the realm; .new is a
// file that is just being replaced.
static bool is_of_realm(struct slice name) {
    static const char *const endings[] = {".log",  ".rcache", ".lock", ".mdb",
                                          ".json", ".jsonl",  ".new"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const size_t n = strlen(endings[i]);
        if (name.len >= n && slice_eq_str(slice_sub(name, name.len - n, n), endings[i]))
            return false;
    }
    return name.len > 0 && name.ptr[0] != '.';
}

static enum obol_code join(struct cli *c, struct slice dir, struct slice name, const char **out,
                           struct error *err) {
    *out =
        arena_cstr(c->arena, arena_printf(c->arena, "%.*s/%.*s", SLICE_ARG(dir), SLICE_ARG(name)));
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static enum obol_code copy_file(const char *from, const char *to, struct error *err) {
    struct slice bytes;
    TRY(files_map(from, &bytes, err));
    enum obol_code code = files_replace(to, bytes, true, err);
    files_unmap(bytes);
    return code;
}

static void close_dir(DIR **dir) {
    if (*dir)
        closedir(*dir);
}

// Regular files only: sockets are the daemon's, and links lead out of the home.
static enum obol_code copy_files(struct cli *c, struct slice from, struct slice to,
                                 struct error *err) {
    CLEANUP(close_dir) DIR *dir = opendir((const char *)from.ptr);
    ENSURE(dir, IO, "%.*s: %s", SLICE_ARG(from), strerror(errno));
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const char *old, *new;
        struct stat st;
        TRY(join(c, from, slice_str(e->d_name), &old, err));
        TRY(join(c, to, slice_str(e->d_name), &new, err));
        if (!is_of_realm(slice_str(e->d_name)) || lstat(old, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        if (st.st_size <= FILE_MAX)
            TRY(copy_file(old, new, err));
        else
            cli_warn(c, "%s is not copied: it is larger than 64 MiB", old);
    }
    return OBOL_OK;
}

enum obol_code realm_copy_directory(const char *path, struct error *err) {
    ENSURE(mkdir(path, 0700) == 0 || errno != EEXIST, EXISTS, "%s is there already", path);
    ENSURE(files_exists(path), IO, "%s: %s", path, strerror(errno));
    return OBOL_OK;
}

// The certificates of obol pki.
static enum obol_code copy_pki(struct cli *c, struct slice to, struct error *err) {
    const char *old, *new;
    TRY(join(c, c->home, SLICE_LITERAL("pki"), &old, err));
    TRY(join(c, to, SLICE_LITERAL("pki"), &new, err));
    if (!files_exists(old))
        return OBOL_OK;
    TRY(realm_copy_directory(new, err));
    return copy_files(c, slice_str(old), slice_str(new), err);
}

// `obol realm rekey` may have replaced the file while the store was copied: then the two may not
// belong together.
static enum obol_code same_master_key(struct cli *c, struct slice to, struct error *err) {
    const char *now, *copied;
    struct slice a = {0}, b = {0};
    TRY(join(c, c->home, SLICE_LITERAL("master.key"), &now, err));
    TRY(join(c, to, SLICE_LITERAL("master.key"), &copied, err));
    if (!files_exists(copied)) {
        cli_warn(c, "the master key file that kdc.conf names has to be copied, too, if it is not "
                    "in this home");
        return OBOL_OK;
    }
    enum obol_code code = files_map(now, &a, err);
    if (code == OBOL_OK)
        code = files_map(copied, &b, err);
    bool same = code == OBOL_OK && ct_equal(a, b);
    files_unmap(a);
    files_unmap(b);
    TRY(code);
    if (!same)
        error_remedy(err, "Make the copy again.");
    ENSURE(same, MASTER_KEY, "it was replaced while the realm was copied");
    return OBOL_OK;
}

enum obol_code realm_copy(struct cli *c, const struct admin *adm, struct slice to,
                          struct error *err) {
    const char *store;
    TRY(copy_files(c, c->home, to, err));
    TRY(copy_pki(c, to, err));
    TRY(join(c, to, SLICE_LITERAL("store"), &store, err));
    TRY(store_copy(adm->store, store, err));
    return same_master_key(c, to, err);
}
