// select.c: see select.h.
#include "cred/select.h"
#include "cred/file.h"
#include <ctype.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#define IDENTITY_MAX 65536u

static const struct cred_file_kind IDENTITY = {OBOL_NOT_FOUND, OBOL_IO, IDENTITY_MAX, true};

// ---- .k5identity

// The next word of a line; empty behind the last.
static struct slice word(struct slice *line) {
    *line = slice_trim(*line);
    size_t n = 0;
    while (n < line->len && !isspace(line->ptr[n]))
        n++;
    struct slice first = slice_sub(*line, 0, n);
    *line = slice_sub(*line, n, SIZE_MAX);
    return first;
}

// Patterns are of the shell's kind; a host's name is compared in lower case.
static bool fits(struct slice pattern, struct slice value, bool fold, struct arena *a) {
    const char *p = arena_cstr(a, pattern);
    struct buf copy = arena_buf(a, value.len + 1);
    if (!p || !copy.ptr || slice_find(value, 0) < value.len)
        return false;
    for (size_t i = 0; i < value.len; i++)
        copy.ptr[i] = fold ? (uint8_t)tolower(value.ptr[i]) : value.ptr[i];
    copy.ptr[value.len] = '\0';
    return fnmatch(p, (const char *)copy.ptr, 0) == 0;
}

static bool field_fits(struct slice field, const struct principal *server, struct arena *a) {
    size_t equals = slice_find(field, '=');
    struct slice key = slice_sub(field, 0, equals), value = slice_sub(field, equals + 1, SIZE_MAX);
    const struct slice_list *parts = &server->name.name_string;
    bool host_based = server->name.name_type == NT_SRV_HST && parts->count >= 2;
    if (equals == field.len)
        return false;
    if (slice_eq_str(key, "realm"))
        return fits(value, server->realm, false, a);
    if (slice_eq_str(key, "service"))
        return host_based && fits(value, parts->items[0], false, a);
    return slice_eq_str(key, "host") && host_based && fits(value, parts->items[1], true, a);
}

static bool line_fits(struct slice line, const struct principal *server, struct slice default_realm,
                      struct arena *a, struct principal *client) {
    struct slice who = word(&line);
    if (who.len == 0 || who.ptr[0] == '#')
        return false;
    for (struct slice field = word(&line); field.len; field = word(&line))
        if (!field_fits(field, server, a))
            return false;
    return principal_parse(who, default_realm, NT_UNKNOWN, a, client, NULL) == OBOL_OK;
}

bool identity_match(struct slice text, const struct principal *server, struct slice default_realm,
                    struct arena *a, struct principal *client) {
    while (text.len) {
        size_t end = slice_find(text, '\n');
        if (line_fits(slice_sub(text, 0, end), server, default_realm, a, client))
            return true;
        text = slice_sub(text, end + 1, SIZE_MAX);
    }
    return false;
}

struct slice identity_path(struct arena *a) {
    char room[4096];
    struct passwd entry, *found = NULL;
    const char *home = secure_getenv("HOME");
    if (!home && getpwuid_r(geteuid(), &entry, room, sizeof room, &found) == 0 && found)
        home = found->pw_dir;
    return home ? arena_printf(a, "%s/.k5identity", home) : (struct slice){0};
}

static bool read_identity(struct arena *a, struct slice *out) {
    CLEANUP(cred_file_close) struct cred_file f = {.fd = -1};
    struct slice path = identity_path(a);
    return path.ptr &&
           cred_file_open(&f, &IDENTITY, (const char *)path.ptr, CRED_FILE_READ, NULL) == OBOL_OK &&
           cred_file_read(&f, a, out, NULL) == OBOL_OK;
}

bool ccache_identity(struct principal *client, const struct principal *server,
                     const struct krb5conf *conf, struct arena *a) {
    struct slice text, local = conf ? conf->default_realm : (struct slice){0};
    return read_identity(a, &text) && identity_match(text, server, local, a, client);
}

// ---- by realm

static enum obol_code of_realm(struct ccache **out, struct principal *client, struct slice realm,
                               const struct slice_list *names, const struct krb5conf *conf,
                               struct arena *a) {
    for (size_t i = 0; i < names->count; i++) {
        struct ccache_content content;
        struct ccache *cc;
        if (ccache_open(&cc, names->items[i], conf, NULL) != OBOL_OK)
            continue;
        if (ccache_read(cc, a, &content, NULL) == OBOL_OK &&
            slice_eq(content.principal.realm, realm)) {
            *out = cc;
            *client = content.principal;
            return OBOL_OK;
        }
        ccache_close(cc);
    }
    return OBOL_NOT_FOUND;
}

// web.eng.example.com: ENG.EXAMPLE.COM, EXAMPLE.COM, COM.
static enum obol_code of_domains(struct ccache **out, struct principal *client, struct slice host,
                                 const struct slice_list *names, const struct krb5conf *conf,
                                 struct arena *a) {
    struct buf upper = arena_buf(a, host.len + 1);
    if (!upper.ptr)
        return OBOL_NO_MEMORY;
    for (size_t i = 0; i < host.len; i++)
        upper.ptr[i] = (uint8_t)toupper(host.ptr[i]);
    struct slice rest = slice_of(upper.ptr, host.len);
    for (size_t dot = slice_find(rest, '.'); dot < rest.len; dot = slice_find(rest, '.')) {
        rest = slice_sub(rest, dot + 1, SIZE_MAX);
        if (rest.len && of_realm(out, client, rest, names, conf, a) == OBOL_OK)
            return OBOL_OK;
    }
    return OBOL_NOT_FOUND;
}

enum obol_code ccache_select(struct ccache **out, struct principal *client,
                             const struct principal *server, struct slice name,
                             const struct krb5conf *conf, struct arena *a, struct error *err) {
    struct slice realm = server->realm;
    struct slice_list names;
    const struct slice_list *parts = &server->name.name_string;
    *out = NULL;
    *client = (struct principal){0};
    if (ccache_identity(client, server, conf, a))
        return ccache_match(out, client, name, conf, a, err);
    TRY(ccache_collection(name, conf, a, &names, err));
    bool host_based = server->name.name_type == NT_SRV_HST && parts->count >= 2;
    if (realm.len == 0 && host_based && conf)
        realm = krb5conf_host_realm(conf, parts->items[1]);
    if (realm.len && of_realm(out, client, realm, &names, conf, a) == OBOL_OK)
        return OBOL_OK;
    if (realm.len == 0 && host_based &&
        of_domains(out, client, parts->items[1], &names, conf, a) == OBOL_OK)
        return OBOL_OK;
    ENSURE(false, NOT_FOUND, "none of %zu caches is of a realm of the service", names.count);
}
