// face_kadmin_show.c: the requests of kadmin that show what is in the realm.
#include "admin/import.h"
#include "cli/face_kadmin.h"
#include "cli/output.h"
#include "config/duration.h"
#include "crypto/crypto.h"
#include <time.h>

struct date {
    char text[64];
};

static struct date date_of(int64_t t) {
    struct date out = {"[never]"};
    struct tm tm;
    time_t when = (time_t)t;
    if (t && localtime_r(&when, &tm))
        strftime(out.text, sizeof out.text, "%a %b %d %H:%M:%S %Z %Y", &tm);
    return out;
}

static void show_date(struct kadmin *k, const char *label, int64_t t) {
    cli_print(k->cli, CLI_PLAIN, "%s: %s\n", label, date_of(t).text);
}

void kadmin_show_length(struct kadmin *k, const char *label, int64_t seconds) {
    long long days = seconds / 86400, rest = seconds % 86400;
    cli_print(k->cli, CLI_PLAIN, "%s: %lld day%s %02lld:%02lld:%02lld\n", label, days,
              days == 1 ? "" : "s", rest / 3600, rest / 60 % 60, rest % 60);
}

// Behind the enctype, unless the salt is the normal one, or there is none.
static const char *salt_text(int32_t type) {
    static const char *const names[] = {"", "", ":norealm", ":onlyrealm", ":special"};
    size_t at = type > 0 ? (size_t)type : 0;
    return at < COUNT_OF(names) ? names[at] : "";
}

static void show_keys(struct kadmin *k, const struct record *r) {
    cli_print(k->cli, CLI_PLAIN, "Number of keys: %zu\n", r->keys.count);
    for (size_t i = 0; i < r->keys.count; i++) {
        const struct enctype *e = enctype_find(r->keys.items[i].enctype);
        cli_print(k->cli, CLI_PLAIN, "Key: vno %u, %s%s\n", r->keys.items[i].kvno,
                  e ? enctype_name(e) : "unknown", salt_text(r->keys.items[i].salt_type));
    }
}

static void show_flags(struct kadmin *k, uint32_t flags) {
    cli_print(k->cli, CLI_PLAIN, "Attributes:");
    for (size_t i = 0; i < ADMIN_FLAG_WORDS_COUNT; i++)
        if (flags & ADMIN_FLAG_WORDS[i].flag)
            cli_print(k->cli, CLI_PLAIN, " %s", ADMIN_FLAG_WORDS[i].shown);
    cli_print(k->cli, CLI_PLAIN, "\n");
}

void kadmin_show_label(struct kadmin *k, const char *label, struct slice text) {
    cli_print(k->cli, CLI_PLAIN, "%s: ", label);
    cli_show(k->cli, text);
    cli_print(k->cli, CLI_PLAIN, "\n");
}

void kadmin_show_quoted(struct kadmin *k, struct slice text) {
    cli_print(k->cli, CLI_PLAIN, "\"");
    cli_show(k->cli, text);
    cli_print(k->cli, CLI_PLAIN, "\"");
}

static void show_modified(struct kadmin *k, const struct record *r) {
    cli_print(k->cli, CLI_PLAIN, "Last modified: %s (", date_of(r->modified).text);
    cli_show(k->cli, r->modified_by);
    cli_print(k->cli, CLI_PLAIN, ")\n");
}

static void show_policy(struct kadmin *k, struct slice name) {
    struct policy p;
    cli_print(k->cli, CLI_PLAIN, "Policy: ");
    cli_show(k->cli, name.len ? name : SLICE_LITERAL("[none]"));
    bool missing = name.len && k->back->policy_get(k, name, &p, NULL) != OBOL_OK;
    cli_print(k->cli, CLI_PLAIN, "%s\n", missing ? " [does not exist]" : "");
}

// One line with TABs, as scripts read it.
static void show_terse(struct kadmin *k, const struct record *r, uint32_t master) {
    long long attributes = 0;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++)
        if (r->flags & IMPORT_MIT_FLAGS[i].ours)
            attributes |= IMPORT_MIT_FLAGS[i].theirs;
    kadmin_show_quoted(k, r->name);
    cli_print(k->cli, CLI_PLAIN, "\t%lld\t%lld\t%lld\t%lld\t", (long long)r->expires,
              (long long)r->password_changed, (long long)r->password_expires,
              (long long)r->max_life);
    kadmin_show_quoted(k, r->modified_by);
    cli_print(k->cli, CLI_PLAIN, "\t%lld\t%lld\t%u\t%u\t", (long long)r->modified, attributes,
              record_newest_kvno(r), master);
    kadmin_show_quoted(k, r->policy.len ? r->policy : SLICE_LITERAL("[none]"));
    cli_print(k->cli, CLI_PLAIN, "\t%lld\t%lld\t%lld\t%u\t%zu", (long long)r->max_renew,
              (long long)r->last_success, (long long)r->last_failure, r->failures, r->keys.count);
    for (size_t i = 0; i < r->keys.count; i++)
        cli_print(k->cli, CLI_PLAIN, "\t1\t%u\t%d\t0", r->keys.items[i].kvno,
                  r->keys.items[i].enctype);
    cli_print(k->cli, CLI_PLAIN, "\n");
}

enum obol_code kadmin_get(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct slice name;
    struct record r;
    uint32_t master;
    bool terse = argc > 0 && strcmp(argv[0], "-terse") == 0;
    ENSURE(argc - terse == 1, USAGE, "one principal is needed");
    TRY(kadmin_full_name(k, argv[terse], &name, err));
    TRY(k->back->get(k, name, &r, &master, err));
    if (terse) {
        show_terse(k, &r, master);
        return OBOL_OK;
    }
    kadmin_show_label(k, "Principal", r.name);
    show_date(k, "Expiration date", r.expires);
    show_date(k, "Last password change", r.password_changed);
    show_date(k, "Password expiration date", r.password_expires);
    kadmin_show_length(k, "Maximum ticket life", r.max_life);
    kadmin_show_length(k, "Maximum renewable life", r.max_renew);
    show_modified(k, &r);
    show_date(k, "Last successful authentication", r.last_success);
    show_date(k, "Last failed authentication", r.last_failure);
    cli_print(k->cli, CLI_PLAIN, "Failed password attempts: %u\n", r.failures);
    show_keys(k, &r);
    cli_print(k->cli, CLI_PLAIN, "MKey: vno %u\n", master);
    show_flags(k, r.flags);
    show_policy(k, r.policy);
    return OBOL_OK;
}

enum obol_code kadmin_show_name(void *ctx, struct slice name, struct error *err) {
    struct kadmin *k = ctx;
    UNUSED(err);
    cli_show(k->cli, name);
    cli_print(k->cli, CLI_PLAIN, "\n");
    return OBOL_OK;
}

enum obol_code kadmin_list(struct kadmin *k, int argc, char **argv, struct error *err) {
    ENSURE(argc <= 1, USAGE, "one expression at most");
    const struct kadmin_names each = {k, kadmin_show_name};
    return k->back->list(k, slice_str(argc ? argv[0] : NULL), &each, err);
}

enum obol_code kadmin_get_strings(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct slice name;
    struct record_attribute_list strings;
    ENSURE(argc == 1, USAGE, "one principal is needed");
    TRY(kadmin_full_name(k, argv[0], &name, err));
    TRY(k->back->strings(k, name, &strings, err));
    size_t shown = 0;
    for (size_t i = 0; i < strings.count; i++) {
        if (record_attribute_reserved(&strings.items[i]))
            continue;
        shown++;
        cli_show(k->cli, strings.items[i].name);
        cli_print(k->cli, CLI_PLAIN, ": ");
        cli_show(k->cli, strings.items[i].value);
        cli_print(k->cli, CLI_PLAIN, "\n");
    }
    if (shown == 0)
        cli_print(k->cli, CLI_PLAIN, "(No string attributes.)\n");
    return OBOL_OK;
}

enum obol_code kadmin_privileges(struct kadmin *k, int argc, char **argv, struct error *err) {
    static const char *const words[] = {"INQUIRE", "ADD", "MODIFY", "DELETE"};
    uint32_t privileges;
    UNUSED(argc);
    UNUSED(argv);
    TRY(k->back->privileges(k, &privileges, err));
    cli_print(k->cli, CLI_PLAIN, "current privileges:");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (privileges & 1u << i)
            cli_print(k->cli, CLI_PLAIN, " %s", words[i]);
    cli_print(k->cli, CLI_PLAIN, "\n");
    return OBOL_OK;
}
