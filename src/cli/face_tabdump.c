// face_tabdump.c: kdb5_util tabdump: the realm as tables, for spreadsheets and scripts, in the
// columns and words of MIT krb5's kdb5_util.
#include "cli/face_tabdump.h"
#include "admin/import.h"
#include "cli/face.h"
#include "cli/output.h"
#include "proto/codes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct tabdump {
    bool no_header, csv, empty_hex, numeric;
    FILE *out;
    bool begun; // a field of this line is there
};

// ---- fields

static void put_field(struct tabdump *t, struct slice text) {
    bool quoted = false;
    for (size_t i = 0; t->csv && i < text.len; i++)
        quoted |= text.ptr[i] == ',' || text.ptr[i] == '"' || text.ptr[i] == '\n';
    if (t->begun)
        fputc(t->csv ? ',' : '\t', t->out);
    t->begun = true;
    if (quoted)
        fputc('"', t->out);
    for (size_t i = 0; i < text.len; i++) {
        if (quoted && text.ptr[i] == '"')
            fputc('"', t->out);
        fputc(text.ptr[i], t->out);
    }
    if (quoted)
        fputc('"', t->out);
}

static void put_str(struct tabdump *t, const char *text) {
    put_field(t, slice_str(text));
}

static void put_number(struct tabdump *t, int64_t n) {
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)n);
    put_str(t, text);
}

// MIT krb5 keeps no time as the first second of 1970.
static void put_time(struct tabdump *t, int64_t when) {
    char text[64];
    struct tm tm;
    time_t at = (time_t)when;
    if (t->numeric || !gmtime_r(&at, &tm) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        put_number(t, when);
    else
        put_str(t, text);
}

static void put_hex(struct tabdump *t, struct slice bytes, struct arena *a) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < bytes.len; i++)
        writer_printf(&w, "%02x", bytes.ptr[i]);
    if (bytes.len == 0 && !t->empty_hex)
        put_str(t, "-1");
    else
        put_field(t, writer_slice(&w));
}

static void end_line(struct tabdump *t) {
    fputc('\n', t->out);
    t->begun = false;
}

// ---- the tables

typedef void put_record(struct tabdump *t, const struct record *r, struct arena *a);

static const char *salt_name(int32_t type) {
    static const char *const names[] = {
        [0] = "normal", [2] = "norealm", [3] = "onlyrealm", [4] = "special"};
    // A key that was drawn has no salt, and MIT krb5 no word for that.
    size_t at = type == RECORD_SALT_RANDOM ? 0 : (size_t)type;
    return at < COUNT_OF(names) ? names[at] : NULL;
}

static void put_salt(struct tabdump *t, const struct record_key *k, struct slice usual,
                     struct arena *a) {
    bool special = k->salt_type != RECORD_SALT_RANDOM && !slice_eq(k->salt, usual);
    int32_t type = special ? RECORD_SALT_SPECIAL : RECORD_SALT_NORMAL;
    const char *name = salt_name(type);
    if (t->numeric || !name)
        put_number(t, type);
    else
        put_str(t, name);
    put_hex(t, special ? k->salt : (struct slice){0}, a);
}

static void put_keys(struct tabdump *t, const struct record *r, bool whole, struct arena *a) {
    struct principal p;
    struct slice usual = {0};
    // Of a name that has none each salt is a special one.
    if (principal_parse(r->name, (struct slice){0}, NT_UNKNOWN, a, &p, NULL) != OBOL_OK ||
        principal_salt(&p, a, &usual, NULL) != OBOL_OK)
        usual = (struct slice){0};
    for (size_t i = 0; i < r->keys.count; i++) {
        const struct record_key *k = &r->keys.items[i];
        const struct enctype *e = enctype_find(k->enctype);
        put_field(t, r->name);
        put_number(t, (int64_t)i);
        put_number(t, k->kvno);
        if (t->numeric || !e)
            put_number(t, k->enctype);
        else
            put_str(t, k->enctype == ENCTYPE_RC4_HMAC ? "arcfour-hmac" : enctype_name(e));
        if (whole)
            put_hex(t, k->sealed, a);
        put_salt(t, k, usual, a);
        end_line(t);
    }
}

static void put_keydata(struct tabdump *t, const struct record *r, struct arena *a) {
    put_keys(t, r, true, a);
}

static void put_keyinfo(struct tabdump *t, const struct record *r, struct arena *a) {
    put_keys(t, r, false, a);
}

// By their bits in MIT krb5's databases; one without a name is shown where it is set.
static void put_flags(struct tabdump *t, const struct record *r, struct arena *a) {
    static const char *const names[32] = {
        [0] = "DISALLOW_POSTDATED",     [1] = "DISALLOW_FORWARDABLE",
        [2] = "DISALLOW_TGT_BASED",     [3] = "DISALLOW_RENEWABLE",
        [4] = "DISALLOW_PROXIABLE",     [5] = "DISALLOW_DUP_SKEY",
        [6] = "DISALLOW_ALL_TIX",       [7] = "REQUIRES_PRE_AUTH",
        [8] = "REQUIRES_HW_AUTH",       [9] = "REQUIRES_PWCHANGE",
        [12] = "DISALLOW_SVR",          [13] = "PWCHANGE_SERVICE",
        [14] = "SUPPORT_DESMD5",        [15] = "NEW_PRINC",
        [20] = "OK_AS_DELEGATE",        [21] = "OK_TO_AUTH_AS_DELEGATE",
        [22] = "NO_AUTH_DATA_REQUIRED", [23] = "LOCKDOWN_KEYS"};
    uint32_t flags = export_mit_flags(r);
    UNUSED(a);
    for (unsigned i = 0; i < 32; i++) {
        char number[16];
        bool set = (flags & (1u << i)) != 0, named = names[i] && !t->numeric;
        if (!named && !t->numeric && !set)
            continue;
        snprintf(number, sizeof number, "0x%08x", 1u << i);
        put_field(t, r->name);
        put_str(t, named ? names[i] : number);
        put_number(t, set);
        end_line(t);
    }
}

static void put_lockout(struct tabdump *t, const struct record *r, struct arena *a) {
    UNUSED(a);
    put_field(t, r->name);
    put_time(t, r->last_success);
    put_time(t, r->last_failure);
    put_number(t, r->failures);
    end_line(t);
}

// MIT krb5 names who changed it by a principal; ours are users of the machine, too.
static struct slice modifier(const struct record *r, struct arena *a) {
    const uint8_t *at = r->name.len ? memrchr(r->name.ptr, '@', r->name.len) : NULL;
    if (!at || slice_find(r->modified_by, '@') < r->modified_by.len)
        return r->modified_by;
    struct slice realm = slice_sub(r->name, (size_t)(at - r->name.ptr), r->name.len);
    return arena_printf(a, "%.*s%.*s", SLICE_ARG(r->modified_by), SLICE_ARG(realm));
}

// There is no key of former passwords here, as hist_kvno counts it: they are sealed by the master
// key.
static void put_meta(struct tabdump *t, const struct record *r, struct arena *a) {
    put_field(t, r->name);
    put_field(t, modifier(r, a));
    put_time(t, r->modified);
    put_time(t, r->password_changed);
    put_field(t, r->policy);
    put_number(t, r->keys.count ? r->keys.items[0].master : 0);
    put_number(t, 0);
    end_line(t);
}

static void put_attributes(struct tabdump *t, const struct record *r, struct arena *a) {
    UNUSED(a);
    for (size_t i = 0; i < r->attributes.count; i++) {
        const struct record_attribute *one = &r->attributes.items[i];
        if (record_attribute_reserved(one))
            continue;
        put_field(t, r->name);
        put_field(t, one->name);
        put_field(t, one->value);
        end_line(t);
    }
}

static void put_policy(struct tabdump *t, const struct record *r, struct arena *a) {
    UNUSED(a);
    put_field(t, r->name);
    put_time(t, r->expires);
    put_time(t, r->password_expires);
    put_number(t, r->max_life);
    put_number(t, r->max_renew);
    end_line(t);
}

static const struct table {
    const char *name;
    const char *fields[8];
    put_record *put;
} TABLES[] = {
    {"keydata", {"name", "keyindex", "kvno", "enctype", "key", "salttype", "salt"}, put_keydata},
    {"keyinfo", {"name", "keyindex", "kvno", "enctype", "salttype", "salt"}, put_keyinfo},
    {"princ_flags", {"name", "flag", "value"}, put_flags},
    {"princ_lockout", {"name", "last_success", "last_failed", "fail_count"}, put_lockout},
    {"princ_meta",
     {"name", "modby", "modtime", "lastpwd", "policy", "mkvno", "hist_kvno"},
     put_meta},
    {"princ_stringattrs", {"name", "key", "value"}, put_attributes},
    {"princ_tktpolicy",
     {"name", "expiration", "pw_expiration", "max_life", "max_renew_life"},
     put_policy},
};

// ---- the walk

struct walk {
    struct tabdump *out;
    const struct table *table;
    struct arena arena; // of one record
};

static enum obol_code visit(void *ctx, const struct record *r, struct error *err) {
    struct walk *w = ctx;
    UNUSED(err);
    arena_reset(&w->arena);
    w->table->put(w->out, r, &w->arena);
    return OBOL_OK;
}

static enum obol_code walk(struct tabdump *t, const struct table *table, struct admin *adm,
                           struct error *err) {
    struct walk w = {.out = t, .table = table};
    const struct admin_visitor visitor = {.ctx = &w, .each = visit};
    ENSURE(arena_init(&w.arena, 1 << 16, 1 << 24), NO_MEMORY, "no memory for a record");
    enum obol_code code = admin_principal_list(adm, (struct slice){0}, &visitor, err);
    arena_clear(&w.arena);
    return code;
}

static enum obol_code write_table(struct tabdump *t, const struct table *table, struct admin *adm,
                                  struct error *err) {
    for (size_t i = 0; !t->no_header && i < COUNT_OF(table->fields) && table->fields[i]; i++)
        put_str(t, table->fields[i]);
    if (!t->no_header)
        end_line(t);
    TRY(walk(t, table, adm, err));
    ENSURE(fflush(t->out) == 0 && !ferror(t->out), IO, "the table cannot be written: %s",
           strerror(errno));
    return OBOL_OK;
}

static enum obol_code take(struct tabdump *t, int argc, char **argv, const char **file,
                           const struct table **table, struct error *err) {
    struct face_args g = {.argv = argv, .argc = argc};
    int letter;
    while ((letter = face_next(&g, "Hceno:", err)) > 0) {
        t->no_header |= letter == 'H';
        t->csv |= letter == 'c';
        t->empty_hex |= letter == 'e';
        t->numeric |= letter == 'n';
        if (letter == 'o')
            *file = g.value;
    }
    ENSURE(letter == 0 && g.at < argc, USAGE,
           "tabdump [-H] [-c] [-e] [-n] [-o file] TABLE; tables are keydata, keyinfo, princ_flags, "
           "princ_lockout, princ_meta, princ_stringattrs, princ_tktpolicy");
    for (size_t i = 0; i < COUNT_OF(TABLES); i++)
        if (strcmp(TABLES[i].name, argv[g.at]) == 0)
            *table = &TABLES[i];
    ENSURE(*table, USAGE, "there is no table '%s' to dump", argv[g.at]);
    return OBOL_OK;
}

// Sealed keys are among it: nobody else is to read the file, be it new or there already.
static FILE *open_private(const char *file) {
    struct stat st;
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && fstat(fd, &st) == 0 &&
                (!S_ISREG(st.st_mode) || (fchmod(fd, 0600) == 0 && ftruncate(fd, 0) == 0));
    FILE *out = fine ? fdopen(fd, "w") : NULL;
    if (!out && fd >= 0)
        close(fd);
    return out;
}

enum obol_code face_tabdump(struct cli *c, const struct face_place *place, int argc, char **argv,
                            struct error *err) {
    struct tabdump t = {0};
    const struct table *table = NULL;
    const char *file = NULL;
    struct admin *adm;
    TRY(take(&t, argc, argv, &file, &table, err));
    TRY(face_realm_open(c, place, &adm, err));
    bool named = file && strcmp(file, "-") != 0;
    t.out = named ? open_private(file) : stdout;
    cli_flush(c);
    enum obol_code code = t.out
                              ? write_table(&t, table, adm, err)
                              : error_set(err, OBOL_IO, __func__, "%s: %s", file, strerror(errno));
    if (named && t.out)
        fclose(t.out);
    admin_close(adm);
    return code;
}
