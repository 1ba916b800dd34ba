// export_mit.c: the realm as a dump of MIT krb5 (kdb5_util load takes it): the other direction of
// import_mit.c. All keys are sealed under a fresh master key, whose stash file goes with the dump.
#include "admin/audit.h"
#include "admin/import.h"
#include "base/ct.h"
#include "base/hex.h"
#include "base/writer.h"
#include "cred/keytab.h"
#include "proto/codes.h"
#include "store/history.h"

enum { BASE_LENGTH = 38, KEY_VERSION = 1, SALT_SPECIAL = 4, DAY = 86400 };
enum { DISALLOW_ALL_TIX = 0x40, DISALLOW_SVR = 0x1000, LOCKDOWN_KEYS = 0x800000 };
enum { KADMIN_VERSION = 0x12345c01, HAS_POLICY = 0x800 };

struct export {
    struct admin *adm;
    const struct admin_export *how;
    struct arena memory; // of the whole
    struct import_master master, history;
    struct admin_exported done;
};

// ---- pieces of a line

// What is sealed under a key, as MIT krb5 keeps it: the length of the plaintext in front.
static enum obol_code content_of(struct export *x, const struct import_master *under,
                                 struct slice bytes, struct slice *out, struct error *err) {
    struct arena *a = &x->adm->scratch;
    size_t len = enctype_sealed_length(crypto_key_enctype(under->key), bytes.len);
    struct buf room = arena_buf(a, 2 + len);
    ENSURE_MEMORY(room.ptr);
    room.ptr[0] = (uint8_t)bytes.len;
    room.ptr[1] = (uint8_t)(bytes.len >> 8);
    TRY(crypto_seal(under->key, 0, x->adm->env, bytes, buf_of(room.ptr + 2, len), err));
    *out = slice_of_buf(room);
    return OBOL_OK;
}

static void hex_field(struct writer *w, struct slice bytes) {
    if (bytes.len)
        hex_write(w, bytes);
    else
        writer_str(w, "-1");
}

static void data_item(struct writer *w, unsigned type, const struct writer *data) {
    struct slice bytes = writer_slice(data);
    w->failed = w->failed || data->failed;
    writer_printf(w, "\t%u\t%zu\t", type, bytes.len);
    hex_field(w, bytes);
}

static void xdr_bytes(struct writer *w, struct slice s) {
    static const uint8_t zeros[4] = {0};
    writer_counted32(w, s);
    writer_bytes(w, slice_of(zeros, (4 - s.len % 4) % 4));
}

static bool has_usual_salt(const struct record_key *k, struct slice usual) {
    return k->salt_type == RECORD_SALT_RANDOM || slice_eq(k->salt, usual);
}

// ---- the data beside a record

static void write_policy_name(struct writer *w, struct slice policy) {
    static const uint8_t zeros[4] = {0};
    if (!policy.len) {
        writer_be32(w, 0);
        return;
    }
    writer_be32(w, (uint32_t)policy.len + 1);
    writer_bytes(w, policy);
    writer_bytes(w, slice_of(zeros, 1 + (4 - (policy.len + 1) % 4) % 4));
}

// The oldest first, as the ring has them that the next one will be written into at 0.
static enum obol_code write_former(struct export *x, struct writer *w, const struct record *r,
                                   struct slice usual, struct error *err) {
    struct record_key_list former;
    TRY(history_decode(r->history, &x->adm->scratch, &former, err));
    writer_be32(w, (uint32_t)former.count);
    for (size_t i = former.count; i > 0; i--) {
        const struct record_key *k = &former.items[i - 1];
        bool special = !has_usual_salt(k, usual);
        struct slice bytes, content, salt = special ? k->salt : (struct slice){0};
        TRY(master_open(x->adm->master, r->id, k, &x->adm->scratch, &bytes, err));
        TRY(content_of(x, &x->history, bytes, &content, err));
        writer_be32(w, 1); // keys of this password
        writer_be32(w, special ? 2 : 1);
        writer_be32(w, k->kvno);
        writer_be32(w, (uint32_t)k->enctype);
        writer_be32(w, special ? SALT_SPECIAL : 0);
        writer_be32(w, (uint32_t)content.len);
        writer_be32(w, (uint32_t)salt.len);
        xdr_bytes(w, content);
        xdr_bytes(w, salt);
    }
    return OBOL_OK;
}

static enum obol_code kadmin_data(struct export *x, struct writer *w, const struct record *r,
                                  struct slice usual, struct error *err) {
    writer_be32(w, KADMIN_VERSION);
    write_policy_name(w, r->policy);
    writer_be32(w, r->policy.len ? HAS_POLICY : 0);
    writer_be32(w, 0);
    writer_be32(w, x->history.kvno);
    return write_former(x, w, r, usual, err);
}

static size_t write_strings(struct writer *w, const struct record *r) {
    size_t count = 0;
    for (size_t i = 0; i < r->attributes.count; i++) {
        const struct record_attribute *item = &r->attributes.items[i];
        if (record_attribute_reserved(item) || slice_find(item->name, 0) < item->name.len ||
            slice_find(item->value, 0) < item->value.len)
            continue;
        writer_bytes(w, item->name);
        writer_u8(w, 0);
        writer_bytes(w, item->value);
        writer_u8(w, 0);
        count++;
    }
    return count;
}

// Writes the data items; *count is how many.
static enum obol_code write_data(struct export *x, struct writer *w, const struct record *r,
                                 struct slice usual, size_t *count, struct error *err) {
    struct arena *a = &x->adm->scratch;
    struct writer changed = writer_to_arena(a), unlocked = writer_to_arena(a),
                  modified = writer_to_arena(a), kadmin = writer_to_arena(a),
                  version = writer_to_arena(a), strings = writer_to_arena(a);
    writer_le32(&changed, (uint32_t)r->password_changed);
    data_item(w, 1, &changed);
    writer_le32(&modified, (uint32_t)r->modified);
    writer_bytes(&modified, r->modified_by.len ? r->modified_by : r->name);
    writer_u8(&modified, 0);
    data_item(w, 2, &modified);
    TRY(kadmin_data(x, &kadmin, r, usual, err));
    data_item(w, 3, &kadmin);
    writer_le16(&version, (uint16_t)x->master.kvno);
    data_item(w, 8, &version);
    *count = 4;
    if (write_strings(&strings, r)) {
        data_item(w, 11, &strings);
        ++*count;
    }
    if (r->unlocked) {
        writer_le32(&unlocked, (uint32_t)r->unlocked);
        data_item(w, 0x0700, &unlocked);
        ++*count;
    }
    return OBOL_OK;
}

// ---- keys

static enum obol_code write_key(struct export *x, struct writer *w, const struct record *r,
                                const struct record_key *k, struct slice usual, struct error *err) {
    struct slice bytes, content;
    bool special = !has_usual_salt(k, usual);
    TRY(master_open(x->adm->master, r->id, k, &x->adm->scratch, &bytes, err));
    TRY(content_of(x, &x->master, bytes, &content, err));
    writer_printf(w, "\t%d\t%u\t%d\t%zu\t", special ? 2 : 1, k->kvno, k->enctype, content.len);
    hex_field(w, content);
    if (special) {
        writer_printf(w, "\t%d\t%zu\t", SALT_SPECIAL, k->salt.len);
        hex_field(w, k->salt);
    }
    x->done.keys++;
    x->done.stretched += k->iterations != 0;
    return OBOL_OK;
}

uint32_t export_mit_flags(const struct record *r) {
    uint32_t out = r->flags & RECORD_LOCKED ? DISALLOW_ALL_TIX : 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        if (r->flags & IMPORT_MIT_FLAGS[i].ours)
            out |= IMPORT_MIT_FLAGS[i].theirs;
    for (size_t i = 0; i < r->attributes.count; i++) {
        const struct record_attribute *item = &r->attributes.items[i];
        if (!slice_eq_str(item->name, IMPORT_MIT_REST))
            continue;
        uint32_t rest = 0;
        for (size_t k = 0; k < item->value.len; k++)
            rest = rest * 10 + (item->value.ptr[k] & 0x0fu);
        out |= rest;
    }
    return out;
}

static int32_t time32(int64_t t) {
    return (int32_t)(uint32_t)t;
}

// One line: the record under its own name, or one of its aliases, which MIT krb5 before 1.22 does
// not have: a copy with the same keys.
static enum obol_code write_principal(struct export *x, const struct record *r, struct slice name,
                                      struct error *err) {
    struct arena *a = &x->adm->scratch;
    struct principal p;
    struct slice usual;
    struct writer line = writer_to_arena(a), data = writer_to_arena(a), keys = writer_to_arena(a);
    size_t count = 0;
    TRY(principal_parse(name, x->adm->realm, NT_UNKNOWN, a, &p, err));
    if (op_is_mits(&p)) // made before such names were refused: it would stand in for the master key
        return OBOL_OK;
    TRY(principal_salt(&p, a, &usual, err));
    TRY(write_data(x, &data, r, usual, &count, err));
    for (size_t i = 0; i < r->keys.count; i++)
        TRY(write_key(x, &keys, r, &r->keys.items[i], usual, err));
    writer_printf(&line, "princ\t%d\t%zu\t%zu\t%zu\t0\t%.*s", BASE_LENGTH, name.len, count,
                  r->keys.count, SLICE_ARG(name));
    writer_printf(&line, "\t%d\t%lld\t%lld\t%d\t%d\t%d\t%d\t%u", (int32_t)export_mit_flags(r),
                  (long long)r->max_life, (long long)r->max_renew, time32(r->expires),
                  time32(r->password_expires), time32(r->last_success), time32(r->last_failure),
                  r->failures);
    writer_bytes(&line, writer_slice(&data));
    writer_bytes(&line, writer_slice(&keys));
    writer_str(&line, "\t-1;\n");
    ENSURE(writer_ok(&line) && writer_ok(&data) && writer_ok(&keys), NO_MEMORY,
           "a principal is too large to export");
    x->done.principals++;
    return x->how->write(x->how->ctx, writer_slice(&line), err);
}

static enum obol_code export_one(void *ctx, const struct record *r, struct error *err) {
    struct export *x = ctx;
    TRY(write_principal(x, r, r->name, err));
    for (size_t i = 0; i < r->aliases.count; i++)
        TRY(write_principal(x, r, r->aliases.items[i], err));
    x->done.aliases += r->aliases.count;
    x->done.delegations += r->delegate_to.count + r->delegate_from.count;
    x->done.tokens += tokens_held(r);
    return OBOL_OK;
}

static enum obol_code export_policy(void *ctx, const struct policy *p, struct error *err) {
    struct export *x = ctx;
    struct writer w = writer_to_arena(&x->adm->scratch);
    writer_printf(&w, "policy\t%.*s\t%lld\t%lld\t%lld\t%lld\t%lld\t0\t%lld\t%lld\t%lld\t0\t0\t0\t",
                  SLICE_ARG(p->name), (long long)p->min_life, (long long)p->max_life,
                  (long long)(p->min_length ? p->min_length : 1),
                  (long long)(p->min_classes ? p->min_classes : 1),
                  (long long)(p->history ? p->history : 1), (long long)p->max_failures,
                  (long long)p->failure_interval, (long long)p->lockout_duration);
    writer_bytes(&w, p->allowed_keysalts.len ? p->allowed_keysalts : SLICE_LITERAL("-"));
    writer_str(&w, "\t0\n");
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for a policy");
    x->done.policies++;
    enum obol_code code = x->how->write(x->how->ctx, writer_slice(&w), err);
    arena_reset(&x->adm->scratch);
    return code;
}

// ---- the principals that only MIT krb5 has

static enum obol_code draw(struct export *x, struct import_master *m, uint32_t kvno,
                           struct error *err) {
    struct buf bytes = arena_buf(&x->memory, 32);
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(enctype_find(ENCTYPE_AES256_SHA1), x->adm->env, bytes, err));
    *m = (struct import_master){kvno, ENCTYPE_AES256_SHA1, slice_of_buf(bytes), NULL};
    return crypto_key_in_arena(&m->key, &x->memory, m->enctype, m->bytes, err);
}

static enum obol_code write_theirs(struct export *x, const char *name,
                                   const struct import_master *m, uint32_t attributes,
                                   bool is_master, struct error *err) {
    struct arena *a = &x->adm->scratch;
    struct slice full = arena_printf(a, "%s@%.*s", name, SLICE_ARG(x->adm->realm)), content;
    struct writer line = writer_to_arena(a), version = writer_to_arena(a),
                  active = writer_to_arena(a), modified = writer_to_arena(a);
    TRY(content_of(x, &x->master, m->bytes, &content, err));
    writer_printf(&line, "princ\t%d\t%zu\t%d\t1\t0\t%.*s\t%u\t%d\t0\t0\t0\t0\t0\t0", BASE_LENGTH,
                  full.len, is_master ? 3 : 2, SLICE_ARG(full), attributes, DAY);
    writer_le16(&version, (uint16_t)x->master.kvno);
    data_item(&line, 8, &version);
    if (is_master) { // which version is in use from when on
        writer_le16(&active, 1);
        writer_le16(&active, (uint16_t)x->master.kvno);
        writer_le32(&active, 0);
        data_item(&line, 9, &active);
    }
    writer_le32(&modified, (uint32_t)env_now(x->adm->env));
    writer_bytes(&modified, full);
    writer_u8(&modified, 0);
    data_item(&line, 2, &modified);
    writer_printf(&line, "\t1\t%u\t%d\t%zu\t", m->kvno, m->enctype, content.len);
    hex_field(&line, content);
    writer_str(&line, "\t-1;\n");
    ENSURE(writer_ok(&line), NO_MEMORY, "no memory for an export");
    enum obol_code code = x->how->write(x->how->ctx, writer_slice(&line), err);
    arena_reset(a);
    return code;
}

static enum obol_code write_stash(struct export *x, struct writer *out, struct error *err) {
    struct keytab_entry e = {.timestamp = env_now(x->adm->env),
                             .kvno = x->master.kvno,
                             .key = {x->master.enctype, x->master.bytes}};
    TRY(principal_parse(SLICE_LITERAL("K/M"), x->adm->realm, NT_PRINCIPAL, &x->memory, &e.principal,
                        err));
    keytab_format(out, &e, 1);
    ENSURE(writer_ok(out), NO_MEMORY, "no memory for a stash file");
    return OBOL_OK;
}

static enum obol_code run(struct export *x, struct writer *stash, struct error *err) {
    TRY(draw(x, &x->master, KEY_VERSION, err));
    TRY(draw(x, &x->history, KEY_VERSION, err));
    TRY(write_stash(x, stash, err));
    TRY(x->how->write(x->how->ctx, SLICE_LITERAL("kdb5_util load_dump version 7\n"), err));
    TRY(write_theirs(x, "K/M", &x->master, DISALLOW_ALL_TIX | LOCKDOWN_KEYS, true, err));
    TRY(write_theirs(x, "kadmin/history", &x->history, DISALLOW_ALL_TIX | LOCKDOWN_KEYS, false,
                     err));
    const struct admin_visitor visitor = {.ctx = x, .each = export_one};
    TRY(admin_principal_list(x->adm, (struct slice){0}, &visitor, err));
    return admin_policy_list(x->adm, (struct slice){0}, x, export_policy, err);
}

enum obol_code admin_export_mit(struct admin *adm, const struct admin_export *how,
                                struct writer *stash, struct admin_exported *done,
                                struct error *err) {
    struct export x = {.adm = adm, .how = how};
    *done = (struct admin_exported){0};
    ENSURE(arena_init(&x.memory, 64 * 1024, 1024 * 1024), NO_MEMORY, "no memory for an export");
    struct error own;
    error_init(&own);
    struct error *why = err ? err : &own;
    int log = -1;
    arena_reset(&adm->scratch);
    enum obol_code code = audit_begin(adm, &log, why);
    if (code == OBOL_OK)
        code = run(&x, stash, why);
    audit_end(adm, log, "admin_realm_export", code, why);
    arena_clear(&x.memory);
    *done = x.done;
    return code;
}
