// cmd_policy.c: obol policy add, set, show, list and remove: what passwords must be, and how many
// failed logins lock an account. What a policy says is store/policy.h's table.
#include "cli/commands.h"
#include "cli/realm.h"
#include "config/duration.h"
#include <stdio.h>

enum { MEMBERS = 11 };
struct policy_options {
    struct slice words[MEMBERS]; // in the order of POLICY_MEMBERS
};
#define ROW(index, name, argument, help)                                                           \
    {                                                                                              \
        name, 0, CLI_TEXT,                                                                         \
            offsetof(struct policy_options, words) + (index) * sizeof(struct slice), argument,     \
            help, 0, 0                                                                             \
    }
static const struct cli_option POLICY_OPTIONS[] = {
    ROW(0, "min-length", "N", "characters that a password has at least"),
    ROW(1, "min-classes", "N",
        "kinds of characters in it: lower case, capitals, digits, punctuation, others"),
    ROW(2, "history", "N",
        "so many of the last passwords, with the present one, do not come again"),
    ROW(3, "dictionary", "yes|no", "no word of `dict_file` in kdc.conf"),
    ROW(4, "similar", "yes|no", "nothing like the principal's name or realm"),
    ROW(5, "min-life", "DURATION",
        "its owner changes it again after so long at the earliest; `none`"),
    ROW(6, "max-life", "DURATION", "it must be changed after so long: 90d; `none`"),
    ROW(7, "max-failures", "N", "failed logins in a row that lock the account; 0: none do"),
    ROW(8, "failure-interval", "DURATION", "a failure is forgotten after so long; `none`: never"),
    ROW(9, "lockout-duration", "DURATION", "it stays locked for so long; `none`: until unlocked"),
    ROW(10, "allowed-keysalts", "LIST", "encryption types that keys may have; `any`"),
    {0}};

static enum obol_code read_word(const struct policy_member *m, struct slice word, int64_t *out,
                                struct error *err) {
    bool yes;
    *out = 0;
    if (m->kind == POLICY_SWITCH) {
        ENSURE(boolean_parse(word, &yes), USAGE, "--%s is '%.*s'; expected yes or no", m->name,
               SLICE_ARG(word));
        *out = yes;
    } else if (m->kind == POLICY_DURATION) {
        ENSURE(slice_eq_str(word, "none") || duration_parse(word, out), USAGE,
               "--%s is '%.*s'; expected a duration such as 90d, or none", m->name,
               SLICE_ARG(word));
    } else {
        ENSURE(number_parse(word, out), USAGE, "--%s is '%.*s'; expected a number", m->name,
               SLICE_ARG(word));
    }
    ENSURE(*out >= 0 && *out <= m->max, USAGE, "--%s is '%.*s'; at most %lld", m->name,
           SLICE_ARG(word), (long long)m->max);
    return OBOL_OK;
}

static enum obol_code read_options(const struct policy_options *o,
                                   struct admin_policy_change out[MEMBERS], size_t *count,
                                   struct error *err) {
    *count = 0;
    for (size_t i = 0; i < MEMBERS && i < POLICY_MEMBERS_COUNT; i++) {
        struct slice word = o->words[i];
        struct admin_policy_change *c = &out[*count];
        if (!word.len)
            continue;
        *c = (struct admin_policy_change){.member = &POLICY_MEMBERS[i]};
        if (c->member->kind != POLICY_TEXT)
            TRY(read_word(c->member, word, &c->number, err));
        else if (!slice_eq_str(word, "any"))
            c->text = word;
        ++*count;
    }
    return OBOL_OK;
}

static struct slice value_text(struct cli *c, struct policy *p, const struct policy_member *m) {
    struct writer w = writer_to_arena(c->arena);
    if (m->kind == POLICY_TEXT)
        return p->allowed_keysalts.len ? p->allowed_keysalts : SLICE_LITERAL("any");
    int64_t n = *policy_number(p, m);
    if (m->kind == POLICY_SWITCH)
        return n ? SLICE_LITERAL("yes") : SLICE_LITERAL("no");
    if (m->kind == POLICY_DURATION && n)
        duration_write(&w, n);
    else if (m->kind == POLICY_DURATION)
        writer_str(&w, "none");
    else
        writer_printf(&w, "%lld", (long long)n);
    return writer_slice(&w);
}

static void policy_json(struct cli_json *j, struct policy *p) {
    json_text(j, "policy", p->name);
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++) {
        const struct policy_member *m = &POLICY_MEMBERS[i];
        char name[32];
        snprintf(name, sizeof name, "%s", m->name);
        for (char *at = name; *at; at++)
            *at = *at == '-' ? '_' : *at;
        if (m->kind == POLICY_TEXT)
            json_text(j, name, p->allowed_keysalts);
        else if (m->kind == POLICY_SWITCH)
            json_bool(j, name, *policy_number(p, m) != 0);
        else
            json_number(j, name, *policy_number(p, m));
    }
}

static enum obol_code show(struct cli *c, struct admin *adm, struct error *err) {
    struct policy p;
    TRY(admin_policy_get(adm, cli_arg(c, 0), c->arena, &p, err));
    if (c->json) {
        struct cli_json j = json_begin(c);
        json_object(&j, NULL);
        policy_json(&j, &p);
        json_end(&j);
        return OBOL_OK;
    }
    cli_print(c, CLI_BOLD, "%.*s\n", SLICE_ARG(p.name));
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++)
        cli_print(c, CLI_PLAIN, "  %-18s%.*s\n", POLICY_MEMBERS[i].name,
                  SLICE_ARG(value_text(c, &p, &POLICY_MEMBERS[i])));
    return OBOL_OK;
}

static enum obol_code policy_add(struct cli *c, const void *options, struct error *err) {
    struct admin_policy_change changes[MEMBERS];
    size_t count;
    struct policy p = {
        .name = cli_arg(c, 0), .min_length = 8, .min_classes = 1, .dictionary = 1, .similar = 1};
    TRY(read_options(options, changes, &count, err));
    for (size_t i = 0; i < count; i++) {
        if (changes[i].member->kind == POLICY_TEXT)
            p.allowed_keysalts = changes[i].text;
        else
            *policy_number(&p, changes[i].member) = changes[i].number;
    }
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    TRY(admin_policy_add(adm, &p, err));
    return show(c, adm, err);
}

static enum obol_code policy_set(struct cli *c, const void *options, struct error *err) {
    struct admin_policy_change changes[MEMBERS];
    size_t count;
    TRY(read_options(options, changes, &count, err));
    ENSURE(count, USAGE, "nothing is to be changed: say what, as in --min-length 12");
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, false, &adm, err));
    TRY(admin_policy_set(adm, cli_arg(c, 0), changes, count, err));
    return show(c, adm, err);
}

static enum obol_code policy_show(struct cli *c, const void *options, struct error *err) {
    UNUSED(options);
    CLEANUP(realm_close) struct admin *adm = NULL;
    TRY(realm_open(c, true, &adm, err));
    return show(c, adm, err);
}

#define COMMAND(symbol, word, text, more, row_options, row_run, example)                           \
    const struct cli_command symbol = {                                                            \
        .name = "policy " word,                                                                    \
        .group = CLI_GROUP_REALM,                                                                  \
        .summary = text,                                                                           \
        .arguments = "NAME",                                                                       \
        .details = more,                                                                           \
        .examples = example,                                                                       \
        .options = row_options,                                                                    \
        .options_size = sizeof(struct policy_options),                                             \
        .min_args = 1,                                                                             \
        .max_args = 1,                                                                             \
        .wants = CLI_WANTS_HOME,                                                                   \
        .run = row_run,                                                                            \
    }
COMMAND(CMD_POLICY_ADD, "add", "make a password policy",
        "What is not named is: 8 characters, of any kind, no word of the dictionary, nothing like "
        "the name. It holds for whom it is given: obol principal set NAME --policy POLICY.",
        POLICY_OPTIONS, policy_add,
        "obol policy add staff --min-length 12 --history 5\tfor people\n"
        "obol policy add strict --max-failures 5 --lockout-duration 15m\tlocks accounts\n");
COMMAND(CMD_POLICY_SET, "set", "change a password policy",
        "What is not named stays. It holds from the next password on; the lockout, at once.",
        POLICY_OPTIONS, policy_set,
        "obol policy set staff --max-life 90d\tpasswords last 90 days\n");
COMMAND(CMD_POLICY_SHOW, "show", "show a password policy", NULL, NULL, policy_show,
        "obol policy show staff\twhat it asks for\n");
