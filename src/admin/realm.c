// realm.c: making and opening a realm: its home directory, configuration, master key and store.
#include "admin/acl.h"
#include "admin/op.h"
#include "config/kdcconf.h"
#include "pac/pac.h"
#include "store/files.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY_BYTES = 16 * 1024, SCRATCH_BYTES = 256 * 1024, MEMORY_LIMIT = 16 * 1024 * 1024 };
enum {                   // seconds
    CHANGEPW_LIFE = 300, // enough to change a password, little to steal
    ADMIN_LIFE = 3 * 3600,
};

static const int32_t default_enctypes[] = {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA256,
                                           ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1};

// ---- the handle ----

void admin_close(struct admin *adm) {
    if (!adm)
        return;
    admin_unlock(adm);
    files_unmap(adm->dictionary);
    store_close(adm->store);
    master_free(adm->master);
    arena_clear(&adm->scratch);
    arena_clear(&adm->memory);
    arena_clear(&adm->audit_memory);
    free(adm);
}

static enum obol_code admin_init(struct admin *adm, struct slice realm, struct int32_list enctypes,
                                 struct error *err) {
    ENSURE(arena_init(&adm->memory, MEMORY_BYTES, MEMORY_LIMIT) &&
               arena_init(&adm->scratch, SCRATCH_BYTES, MEMORY_LIMIT),
           NO_MEMORY, "no memory for a handle");
    ENSURE(arena_copy(&adm->memory, realm, &adm->realm), NO_MEMORY, "no memory for a handle");
    struct slice from = slice_of(default_enctypes, sizeof default_enctypes), own;
    if (enctypes.count)
        from = slice_of(enctypes.items, enctypes.count * sizeof *enctypes.items);
    ENSURE(arena_copy(&adm->memory, from, &own), NO_MEMORY, "no memory for a handle");
    adm->enctypes.items = (int32_t *)(uintptr_t)own.ptr;
    adm->enctypes.count = own.len / sizeof(int32_t);
    return OBOL_OK;
}

enum obol_code admin_new(struct admin **out, struct store *store, struct master *master,
                         struct slice realm, struct int32_list enctypes, const struct env *env,
                         struct error *err) {
    *out = NULL;
    struct admin *adm = calloc(1, sizeof *adm);
    ENSURE(adm, NO_MEMORY, "no memory for a handle");
    adm->env = env;
    adm->require_preauth = true;
    adm->lock_fd = -1;
    enum obol_code code = admin_init(adm, realm, enctypes, err);
    if (code != OBOL_OK) {
        admin_close(adm);
        return code;
    }
    adm->store = store;
    adm->master = master;
    *out = adm;
    return OBOL_OK;
}

// ---- what a new realm holds ----

static enum obol_code add_own(struct admin *adm, struct store_write *w, const char *name,
                              uint32_t flags, int64_t max_life, struct error *err) {
    struct op_new new = {
        .principal = {.name = slice_str(name), .kind = ADMIN_SERVICE, .max_life = max_life},
        .kvno = 1,
    };
    // Nobody logs in as these; and who may have tickets to them is the client's business.
    new.principal.set_flags = flags | RECORD_NO_CLIENT;
    new.principal.clear_flags = RECORD_REQUIRES_PREAUTH;
    TRY(store_draw_ids(w, 1, &new.id, err));
    return op_add(adm, w, &new, err);
}

// The realm's SID, as Windows draws a domain's (MS-DTYP 2.4.2.4): accounts get theirs below it.
static enum obol_code put_domain_sid(struct admin *adm, struct store_write *w, struct error *err) {
    struct sid domain = {4, {0, 0, 0, 0, 0, 5}, {21}};
    env_random(adm->env, buf_of(&domain.sub[1], 3 * sizeof domain.sub[1]));
    struct writer text = writer_to_arena(&adm->scratch);
    sid_format(&text, &domain);
    ENSURE(writer_ok(&text), NO_MEMORY, "no memory for the realm's SID");
    return store_put_meta(w, STORE_META_DOMAIN_SID, writer_slice(&text), err);
}

static enum obol_code fill_step(struct admin *adm, struct store_write *w, void *arg,
                                struct error *err) {
    UNUSED(arg);
    TRY(store_put_meta(w, "realm", adm->realm, err));
    TRY(put_domain_sid(adm, w, err));
    struct principal krbtgt;
    TRY(principal_krbtgt(adm->realm, adm->realm, &adm->scratch, &krbtgt, err));
    const char *name = arena_cstr(&adm->scratch, principal_text(&krbtgt, &adm->scratch));
    ENSURE_MEMORY(name);
    TRY(add_own(adm, w, name, RECORD_LOCKDOWN_KEYS, 0, err));
    TRY(add_own(adm, w, "kadmin/admin", RECORD_NO_TGT_BASED | RECORD_LOCKDOWN_KEYS, ADMIN_LIFE,
                err));
    return add_own(adm, w, "kadmin/changepw",
                   RECORD_NO_TGT_BASED | RECORD_PASSWORD_SERVICE | RECORD_LOCKDOWN_KEYS,
                   CHANGEPW_LIFE, err);
}

enum obol_code admin_realm_fill(struct admin *adm, struct error *err) {
    return op_write(adm, fill_step, NULL, err);
}

enum obol_code admin_realm_get(struct admin *adm, struct arena *a, struct admin_realm *out,
                               struct error *err) {
    struct principal krbtgt;
    struct slice sid;
    struct store_read *r;
    TRY(principal_krbtgt(adm->realm, adm->realm, a, &krbtgt, err));
    TRY(admin_principal_get(adm, principal_text(&krbtgt, a), a, &out->tgs, err));
    out->domain_sid = adm->domain_sid;
    if (out->domain_sid.len)
        return OBOL_OK;
    TRY(store_read_begin(adm->store, &r, err));
    bool there = store_meta(r, STORE_META_DOMAIN_SID, &sid, NULL) == OBOL_OK;
    bool copied = !there || arena_copy(a, sid, &out->domain_sid);
    store_read_end(r);
    ENSURE(copied, NO_MEMORY, "the realm's SID");
    return OBOL_OK;
}

// ---- the home directory ----

struct home {
    char conf[PATH_MAX], master[PATH_MAX], store[PATH_MAX];
};

static bool join(char out[PATH_MAX], const char *dir, struct slice file) {
    bool absolute = file.len && file.ptr[0] == '/';
    int n = snprintf(out, PATH_MAX, "%s%s%.*s", absolute ? "" : dir, absolute ? "" : "/",
                     SLICE_ARG(file));
    return n > 0 && n < PATH_MAX;
}

static enum obol_code home_paths(const char *dir, struct slice master, struct home *out,
                                 struct error *err) {
    ENSURE(dir && dir[0], INVALID_ARGUMENT, "no home directory was named");
    if (!master.len)
        master = SLICE_LITERAL("master.key");
    ENSURE(join(out->conf, dir, SLICE_LITERAL("kdc.conf")) && join(out->master, dir, master) &&
               join(out->store, dir, SLICE_LITERAL("store")),
           INVALID_ARGUMENT, "the home directory's path is too long: %s", dir);
    return OBOL_OK;
}

static enum obol_code check_realm_name(struct slice realm, struct error *err) {
    ENSURE(realm.len && realm.len <= 255, NAME_MALFORMED, "a realm's name of %zu bytes", realm.len);
    // RFC 4120 6.1: domain-style names; no colon, no slash. It must stand in kdc.conf unquoted,
    // too.
    for (size_t i = 0; i < realm.len; i++) {
        uint8_t c = realm.ptr[i];
        bool fine = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-' || c == '_';
        if (!fine)
            error_remedy(err, "Write it like a domain in capitals: EXAMPLE.COM.");
        ENSURE(fine, NAME_MALFORMED, "the realm's name %.*s: letters, digits and . - _ only",
               SLICE_ARG(realm));
    }
    return OBOL_OK;
}

static enum obol_code write_conf(const char *path, const struct admin_options *o, struct arena *a,
                                 struct error *err) {
    if (files_exists(path))
        return OBOL_OK; // written beforehand by the administrator: it is read below
    struct writer w = writer_to_arena(a);
    kdcconf_write_new(&w, o->realm, o->listen);
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for kdc.conf");
    return files_replace(path, writer_slice(&w), true, err);
}

static enum obol_code read_conf(const struct admin_options *o, struct kdcconf *conf,
                                struct arena *a, struct error *err) {
    struct kdcconf_place place = {.home = o->home, .file = o->conf_file};
    if (o->conf_file)
        place.realm = o->realm;
    TRY(kdcconf_load(conf, &place, a, err));
    ENSURE(!o->realm.len || slice_eq(o->realm, conf->realm), INVALID_ARGUMENT,
           "%s/kdc.conf is of the realm %.*s, not %.*s", o->home, SLICE_ARG(conf->realm),
           SLICE_ARG(o->realm));
    ENSURE(kdcconf_realm(conf, conf->realm), CONFIG_SYNTAX, "%s/kdc.conf names no realm", o->home);
    return OBOL_OK;
}

static enum obol_code open_parts(const struct admin_options *o, const struct kdcconf *conf,
                                 bool create, const struct home *paths, const struct env *env,
                                 struct store **store, struct master **master, struct error *err) {
    struct store_options options = {
        .path = paths->store,
        .size_limit = (size_t)conf->store_size,
        .create = create,
        .read_only = o->read_only,
        .fast_load = o->fast_load,
    };
    if (create) {
        TRY(master_create(master, paths->master, env, err));
        return store_open(store, o->ops, &options, err);
    }
    // Where there is no realm that is what is said, not that its key is missing.
    TRY(store_open(store, o->ops, &options, err));
    return master_load(master, paths->master, err);
}

// A dictionary that cannot be read keeps nobody from the realm: it is told when a password is to be
// held against it.
static enum obol_code take_dictionary(struct admin *adm, const char *home, struct slice file,
                                      struct error *err) {
    char path[PATH_MAX];
    if (!file.len)
        return OBOL_OK;
    ENSURE(join(path, home, file), CONFIG_SYNTAX, "dict_file is too long a path");
    adm->dictionary_missing = files_map(path, &adm->dictionary, NULL) != OBOL_OK;
    return OBOL_OK;
}

static enum obol_code take_flags(struct admin *adm, const struct slice_list *words,
                                 struct error *err) {
    for (size_t i = 0; i < words->count; i++)
        ENSURE(admin_flag_word(words->items[i], &adm->default_set, &adm->default_clear),
               CONFIG_SYNTAX, "default_principal_flags: there is no flag \"%.*s\"",
               SLICE_ARG(words->items[i]));
    return OBOL_OK;
}

static enum obol_code take_acl(struct admin *adm, const char *home, struct slice file,
                               struct error *err) {
    char path[PATH_MAX];
    ENSURE(join(path, home, file), CONFIG_SYNTAX, "acl_file is too long a path");
    adm->acl_file = arena_cstr(&adm->memory, slice_str(path));
    ENSURE_MEMORY(adm->acl_file);
    return OBOL_OK;
}

static enum obol_code take_lock(struct admin *adm, const char *home, struct error *err) {
    char path[PATH_MAX];
    ENSURE(join(path, home, SLICE_LITERAL("admin.lock")), INVALID_ARGUMENT, "too long a path");
    adm->lock_path = arena_cstr(&adm->memory, slice_str(path));
    ENSURE_MEMORY(adm->lock_path);
    return OBOL_OK;
}

static enum obol_code take_audit(struct admin *adm, const char *home, struct slice file,
                                 struct error *err) {
    char path[PATH_MAX];
    if (file.len == 0 || slice_eq_str(file, "stderr") || slice_eq_str(file, "syslog"))
        return OBOL_OK;
    ENSURE(join(path, home, file), CONFIG_SYNTAX, "audit_log is too long a path");
    adm->audit_path = arena_cstr(&adm->memory, slice_str(path));
    ENSURE_MEMORY(adm->audit_path);
    return OBOL_OK;
}

static enum obol_code take_settings(struct admin *adm, const struct admin_options *o,
                                    const struct kdcconf *conf,
                                    const struct kdcconf_realm *settings, struct error *err) {
    adm->require_preauth = settings->require_preauth;
    adm->iterations = (uint32_t)settings->pbkdf2_iterations;
    adm->max_life = settings->max_life;
    adm->max_renew = settings->max_renewable_life;
    ENSURE(arena_copy(&adm->memory, settings->domain_sid, &adm->domain_sid), NO_MEMORY,
           "the realm's SID");
    TRY(take_flags(adm, &settings->default_principal_flags, err));
    TRY(take_lock(adm, o->home, err));
    TRY(take_audit(adm, o->home, conf->audit_log, err));
    TRY(take_dictionary(adm, o->home, settings->dict_file, err));
    return take_acl(adm, o->home, settings->acl_file, err);
}

// Makes the handle over the opened parts, or closes them.
static enum obol_code assemble(struct admin **out, const struct admin_options *o,
                               const struct kdcconf *conf, bool create, const struct home *paths,
                               const struct env *env, struct error *err) {
    struct store *store = NULL;
    struct master *master = NULL;
    const struct kdcconf_realm *settings = kdcconf_realm(conf, conf->realm);
    enum obol_code code = open_parts(o, conf, create, paths, env, &store, &master, err);
    if (code == OBOL_OK)
        code = admin_new(out, store, master, conf->realm, settings->supported_enctypes, env, err);
    if (code != OBOL_OK) {
        store_close(store);
        master_free(master);
        return code;
    }
    code = take_settings(*out, o, conf, settings, err);
    if (code != OBOL_OK) {
        admin_close(*out);
        *out = NULL;
    }
    return code;
}

static enum obol_code create_home(const struct admin_options *o, struct arena *a,
                                  struct admin **out, const struct env *env, struct error *err) {
    struct home paths;
    struct kdcconf conf = {0};
    TRY(check_realm_name(o->realm, err));
    TRY(home_paths(o->home, (struct slice){0}, &paths, err));
    TRY(files_make_directory(o->home, err));
    ENSURE(!files_exists(paths.store), EXISTS,
           "%s; if the creation of a realm was interrupted, remove %s and begin again", paths.store,
           o->home);
    if (!o->conf_file)
        TRY(write_conf(paths.conf, o, a, err));
    TRY(read_conf(o, &conf, a, err));
    TRY(home_paths(o->home, conf.master_key_file, &paths, err));
    return assemble(out, o, &conf, true, &paths, env, err);
}

enum obol_code admin_realm_create(struct admin **out, const struct admin_options *options,
                                  const struct env *env, struct error *err) {
    CLEANUP(arena_clear) struct arena a = {0};
    struct admin *adm = NULL;
    if (out)
        *out = NULL;
    ENSURE(arena_init(&a, SCRATCH_BYTES, MEMORY_LIMIT), NO_MEMORY, "no memory for kdc.conf");
    TRY(create_home(options, &a, &adm, env, err));
    enum obol_code code = admin_realm_fill(adm, err);
    if (code == OBOL_OK && out)
        *out = adm;
    else
        admin_close(adm);
    return code;
}

// The store must be this realm's, and the master key must be the store's.
static enum obol_code check_belongs(struct admin *adm, struct store_read *r, struct error *err) {
    struct slice realm, bytes;
    struct principal krbtgt;
    struct record record;
    TRY(store_meta(r, "realm", &realm, err));
    ENSURE(slice_eq(realm, adm->realm), STORE_CORRUPT,
           "the store is of the realm %.*s, kdc.conf of %.*s", SLICE_ARG(realm),
           SLICE_ARG(adm->realm));
    TRY(principal_krbtgt(adm->realm, adm->realm, &adm->scratch, &krbtgt, err));
    TRY(op_fetch(r, principal_text(&krbtgt, &adm->scratch), &adm->scratch, &record, err));
    ENSURE(record.keys.count, KDC_ERR_NULL_KEY, "krbtgt/%.*s", SLICE_ARG(adm->realm));
    return master_open(adm->master, record.id, &record.keys.items[0], &adm->scratch, &bytes, err);
}

static enum obol_code open_home(const struct admin_options *o, struct arena *a, struct admin **out,
                                const struct env *env, struct error *err) {
    struct home paths;
    struct kdcconf conf = {0};
    TRY(read_conf(o, &conf, a, err));
    TRY(home_paths(o->home, conf.master_key_file, &paths, err));
    return assemble(out, o, &conf, false, &paths, env, err);
}

enum obol_code admin_realm_open(struct admin **out, const struct admin_options *options,
                                const struct env *env, struct error *err) {
    CLEANUP(arena_clear) struct arena a = {0};
    struct admin *adm = NULL;
    struct store_read *r = NULL;
    *out = NULL;
    ENSURE(arena_init(&a, SCRATCH_BYTES, MEMORY_LIMIT), NO_MEMORY, "no memory for kdc.conf");
    TRY(open_home(options, &a, &adm, env, err));
    enum obol_code code = store_read_begin(adm->store, &r, err);
    if (code == OBOL_OK)
        code = check_belongs(adm, r, err);
    store_read_end(r);
    arena_reset(&adm->scratch);
    if (code == OBOL_OK)
        *out = adm;
    else
        admin_close(adm);
    return code;
}
