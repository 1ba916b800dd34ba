// record_show.c: see record_show.h. Keys are shown by kvno, enctype and origin; their bytes never
// leave the store but into a keytab.
#include "cli/record_show.h"
#include "config/duration.h"
#include "crypto/crypto.h"

struct slice record_flags_text(struct cli *c, uint32_t flags) {
    struct writer w = writer_to_arena(c->arena);
    uint32_t flag;
    const char *name;
    for (size_t i = 0; (name = record_flag_name(i, &flag)); i++)
        if (flags & flag)
            writer_printf(&w, "%s%s", w.len ? " " : "", name);
    return w.len ? writer_slice(&w) : SLICE_LITERAL("-");
}

const char *record_kind(const struct record *r) {
    bool service = !(r->flags & RECORD_NO_SERVER), client = !(r->flags & RECORD_NO_CLIENT);
    if (service && client)
        return "both";
    return service ? "service" : client ? "user" : "none";
}

static const char *key_enctype(const struct record_key *k) {
    const struct enctype *e = enctype_find(k->enctype);
    return e ? enctype_name(e) : "unknown";
}

static const char *key_origin(const struct record_key *k) {
    if (k->salt_type == RECORD_SALT_RANDOM)
        return "random";
    return k->salt_type == RECORD_SALT_NORMAL ? "password" : "password, special salt";
}

static void line(struct cli *c, const char *name, struct slice value) {
    cli_print(c, CLI_DIM, "  %-18s", name);
    cli_show(c, value);
    cli_print(c, CLI_PLAIN, "\n");
}

static struct slice length(struct cli *c, int64_t seconds) {
    if (seconds == 0)
        return SLICE_LITERAL("the realm's");
    struct writer w = writer_to_arena(c->arena);
    duration_write(&w, seconds);
    return writer_slice(&w);
}

static void show_times(struct cli *c, const struct record *r) {
    line(c, "Ticket life", length(c, r->max_life));
    line(c, "Renewable life", length(c, r->max_renew));
    line(c, "Expires", cli_time(c, r->expires));
    line(c, "Password changed", cli_time(c, r->password_changed));
    line(c, "Password expires", cli_time(c, r->password_expires));
    line(c, "Created", cli_time(c, r->created));
    struct slice by = r->modified_by;
    line(c, "Modified",
         by.len ? arena_printf(c->arena, "%.*s by %.*s", SLICE_ARG(cli_time(c, r->modified)),
                               SLICE_ARG(by))
                : cli_time(c, r->modified));
    line(c, "Last login", cli_time(c, r->last_success));
    line(c, "Last failure", cli_time(c, r->last_failure));
    line(c, "Failures since", arena_printf(c->arena, "%u", r->failures));
}

static void show_keys(struct cli *c, const struct record *r) {
    if (r->keys.count == 0) {
        line(c, "Keys", SLICE_LITERAL("none"));
        return;
    }
    cli_print(c, CLI_PLAIN, "\n");
    struct cli_table t;
    cli_table_begin(&t, c, "kvno|Enctype|Made from|Master key");
    for (size_t i = 0; i < r->keys.count; i++) {
        const struct record_key *k = &r->keys.items[i];
        cli_cellf(&t, "%u", k->kvno);
        cli_cellf(&t, "%s", key_enctype(k));
        if (k->iterations)
            cli_cellf(&t, "%s, %u iterations", key_origin(k), k->iterations);
        else
            cli_cellf(&t, "%s", key_origin(k));
        cli_cellf(&t, "%u", k->master);
    }
    cli_table_end(&t);
}

const char *token_factor(const struct token *t) {
    return t->code_only ? "the code alone" : "password and code";
}

static void record_show(struct cli *c, const struct record *r) {
    cli_print(c, CLI_BOLD, "%.*s\n", SLICE_ARG(r->name));
    static const char *const kinds[][2] = {
        {"user", "user: logs in; no tickets to it"},
        {"service", "service: tickets to it; does not log in"},
        {"both", "both: logs in, and tickets to it"},
        {"none", "none: neither logs in nor gets tickets to it"}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(record_kind(r), kinds[i][0]) == 0)
            line(c, "Kind", slice_str(kinds[i][1]));
    for (size_t i = 0; i < r->aliases.count; i++)
        line(c, i ? "" : "Aliases", r->aliases.items[i]);
    line(c, "Flags", record_flags_text(c, r->flags));
    for (size_t i = 0; i < r->delegate_to.count; i++)
        line(c, i ? "" : "Acts towards", r->delegate_to.items[i]);
    for (size_t i = 0; i < r->delegate_from.count; i++)
        line(c, i ? "" : "Acted towards by", r->delegate_from.items[i]);
    if (r->policy.len)
        line(c, "Policy", r->policy);
    show_times(c, r);
    bool first = true;
    for (size_t i = 0; i < r->attributes.count; i++) {
        if (record_attribute_reserved(&r->attributes.items[i]))
            continue;
        line(c, first ? "Attributes" : "",
             arena_printf(c->arena, "%.*s=%.*s", SLICE_ARG(r->attributes.items[i].name),
                          SLICE_ARG(r->attributes.items[i].value)));
        first = false;
    }
    if (tokens_any(r))
        line(c, "One-time codes", SLICE_LITERAL("needed: obol otp list shows its tokens"));
    show_keys(c, r);
}

static void json_names(struct cli_json *j, const char *name, const struct slice_list *list) {
    json_array(j, name);
    for (size_t i = 0; i < list->count; i++)
        json_text(j, NULL, list->items[i]);
    json_close(j);
}

static void json_lists(struct cli_json *j, const struct record *r) {
    uint32_t flag;
    const char *name;
    json_array(j, "flags");
    for (size_t i = 0; (name = record_flag_name(i, &flag)); i++)
        if (r->flags & flag)
            json_text(j, NULL, slice_str(name));
    json_close(j);
    json_names(j, "aliases", &r->aliases);
    json_names(j, "delegate_to", &r->delegate_to);
    json_names(j, "delegate_from", &r->delegate_from);
    json_array(j, "keys");
    for (size_t i = 0; i < r->keys.count; i++) {
        const struct record_key *k = &r->keys.items[i];
        json_object(j, NULL);
        json_number(j, "kvno", k->kvno);
        json_text(j, "enctype", slice_str(key_enctype(k)));
        json_number(j, "enctype_number", k->enctype);
        json_text(j, "made_from", slice_str(key_origin(k)));
        if (k->iterations)
            json_number(j, "iterations", k->iterations);
        json_number(j, "master_key", k->master);
        json_close(j);
    }
    json_close(j);
    json_array(j, "attributes");
    for (size_t i = 0; i < r->attributes.count; i++) {
        if (record_attribute_reserved(&r->attributes.items[i]))
            continue;
        json_object(j, NULL);
        json_text(j, "name", r->attributes.items[i].name);
        json_text(j, "value", r->attributes.items[i].value);
        json_close(j);
    }
    json_close(j);
}

void record_json(struct cli_json *j, const struct record *r) {
    json_text(j, "principal", r->name);
    json_number(j, "id", (int64_t)r->id);
    json_text(j, "kind", slice_str(record_kind(r)));
    json_number(j, "kvno", record_newest_kvno(r));
    json_lists(j, r);
    json_text(j, "policy", r->policy);
    json_number(j, "max_life", r->max_life);
    json_number(j, "max_renew", r->max_renew);
    json_time(j, "expires", r->expires);
    json_time(j, "password_expires", r->password_expires);
    json_time(j, "password_changed", r->password_changed);
    json_time(j, "created", r->created);
    json_time(j, "modified", r->modified);
    json_text(j, "modified_by", r->modified_by);
    json_time(j, "last_success", r->last_success);
    json_time(j, "last_failure", r->last_failure);
    json_number(j, "failures", r->failures);
}

void record_tell(struct cli *c, const struct record *r) {
    if (!c->json) {
        record_show(c, r);
        return;
    }
    struct cli_json j = json_begin(c);
    json_object(&j, NULL);
    record_json(&j, r);
    json_end(&j);
}
