// face_kadmin_policy.c: the requests of kadmin on password policies, and purgekeys.
#include "cli/face_kadmin.h"
#include "cli/output.h"
#include "config/duration.h"

enum { MEMBERS_MAX = 16 };

// MIT krb5's options and labels of the members that it has, in the order in which it shows them.
static const struct {
    const char *option, *member, *label;
} WORDS[] = {
    {"-maxlife", "max-life", "Maximum password life"},
    {"-minlife", "min-life", "Minimum password life"},
    {"-minlength", "min-length", "Minimum password length"},
    {"-minclasses", "min-classes", "Minimum number of password character classes"},
    {"-history", "history", "Number of old keys kept"},
    {"-maxfailure", "max-failures", "Maximum password failures before lockout"},
    {"-failurecountinterval", "failure-interval", "Password failure count reset interval"},
    {"-lockoutduration", "lockout-duration", "Password lockout duration"},
    {"-allowedkeysalts", "allowed-keysalts", "Allowed key/salt types"},
};

static const struct policy_member *member(const char *name) {
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++)
        if (strcmp(POLICY_MEMBERS[i].name, name) == 0)
            return &POLICY_MEMBERS[i];
    return NULL;
}

static enum obol_code take_value(const char *option, const char *value,
                                 struct admin_policy_change *c, struct error *err) {
    struct slice text = slice_str(value);
    if (c->member->kind == POLICY_TEXT) {
        if (!slice_eq_str(text, "-")) // which takes the restriction away
            c->text = text;
        return OBOL_OK;
    }
    bool read = c->member->kind == POLICY_DURATION ? duration_parse(text, &c->number)
                                                   : number_parse(text, &c->number);
    ENSURE(read && c->number >= 0 && c->number <= c->member->max, USAGE,
           "%s is '%s'; expected %s up to %lld", option, value,
           c->member->kind == POLICY_DURATION ? "a length of time" : "a number",
           (long long)c->member->max);
    return OBOL_OK;
}

static enum obol_code take_options(int argc, char **argv, struct admin_policy_change *out,
                                   size_t *count, const char **name, struct error *err) {
    *count = 0;
    *name = NULL;
    for (int i = 0; i < argc; i++) {
        const char *value;
        size_t row = 0;
        if (i == argc - 1 && argv[i][0] != '-') {
            *name = argv[i];
            break;
        }
        while (row < COUNT_OF(WORDS) && strcmp(WORDS[row].option, argv[i]) != 0)
            row++;
        ENSURE(row < COUNT_OF(WORDS) && *count < MEMBERS_MAX, USAGE, "there is no option %s",
               argv[i]);
        TRY(kadmin_need_value(argc, argv, &i, &value, err));
        out[*count] = (struct admin_policy_change){.member = member(WORDS[row].member)};
        TRY(take_value(WORDS[row].option, value, &out[(*count)++], err));
    }
    ENSURE(*name, USAGE, "a policy is needed");
    return OBOL_OK;
}

enum obol_code kadmin_policy_add(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct admin_policy_change changes[MEMBERS_MAX];
    size_t count;
    const char *name;
    TRY(take_options(argc, argv, changes, &count, &name, err));
    return k->back->policy_add(k, slice_str(name), changes, count, err);
}

enum obol_code kadmin_policy_modify(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct admin_policy_change changes[MEMBERS_MAX];
    size_t count;
    const char *name;
    TRY(take_options(argc, argv, changes, &count, &name, err));
    return k->back->policy_set(k, slice_str(name), changes, count, err);
}

enum obol_code kadmin_policy_delete(struct kadmin *k, int argc, char **argv, struct error *err) {
    bool forced = argc > 0 && strcmp(argv[0], "-force") == 0;
    ENSURE(argc - forced == 1, USAGE, "one policy is needed");
    struct slice name = slice_str(argv[forced]);
    if (!kadmin_confirm(k, forced, "Are you sure you want to delete the policy", name)) {
        kadmin_say(k, KADMIN_REMARK, "Policy \"%.*s\" not deleted.", SLICE_ARG(name));
        return OBOL_OK;
    }
    return k->back->policy_remove(k, name, err);
}

static void show_member(struct kadmin *k, const char *label, struct policy *p,
                        const struct policy_member *m) {
    if (m->kind == POLICY_DURATION)
        kadmin_show_length(k, label, *policy_number(p, m));
    else if (m->kind != POLICY_TEXT)
        cli_print(k->cli, CLI_PLAIN, "%s: %lld\n", label, (long long)*policy_number(p, m));
    else if (p->allowed_keysalts.len)
        kadmin_show_label(k, label, p->allowed_keysalts);
}

enum obol_code kadmin_policy_get(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct policy p;
    bool terse = argc > 0 && strcmp(argv[0], "-terse") == 0;
    ENSURE(argc - terse == 1, USAGE, "one policy is needed");
    TRY(k->back->policy_get(k, slice_str(argv[terse]), &p, err));
    if (terse) {
        kadmin_show_quoted(k, p.name);
        cli_print(k->cli, CLI_PLAIN, "\t%lld\t%lld\t%lld\t%lld\t%lld\t0\t%lld\t%lld\t%lld\t",
                  (long long)p.max_life, (long long)p.min_life, (long long)p.min_length,
                  (long long)p.min_classes, (long long)p.history, (long long)p.max_failures,
                  (long long)p.failure_interval, (long long)p.lockout_duration);
        cli_show(k->cli, p.allowed_keysalts.len ? p.allowed_keysalts : SLICE_LITERAL("-"));
        cli_print(k->cli, CLI_PLAIN, "\n");
        return OBOL_OK;
    }
    kadmin_show_label(k, "Policy", p.name);
    for (size_t i = 0; i < COUNT_OF(WORDS); i++)
        show_member(k, WORDS[i].label, &p, member(WORDS[i].member));
    return OBOL_OK;
}

enum obol_code kadmin_policy_list(struct kadmin *k, int argc, char **argv, struct error *err) {
    ENSURE(argc <= 1, USAGE, "one expression at most");
    const struct kadmin_names each = {k, kadmin_show_name};
    return k->back->policy_list(k, slice_str(argc ? argv[0] : NULL), &each, err);
}

enum obol_code kadmin_purge(struct kadmin *k, int argc, char **argv, struct error *err) {
    uint32_t keep_from = 0;
    int at = 0;
    struct slice name;
    if (argc > 0 && strcmp(argv[0], "-all") == 0) {
        keep_from = UINT32_MAX;
        at = 1;
    } else if (argc > 1 && strcmp(argv[0], "-keepkvno") == 0) {
        int64_t n;
        ENSURE(number_parse(slice_str(argv[1]), &n) && n > 0 && n < UINT32_MAX, USAGE,
               "'%s' is no kvno", argv[1]);
        keep_from = (uint32_t)n;
        at = 2;
    }
    ENSURE(argc - at == 1, USAGE, "one principal is needed");
    TRY(kadmin_full_name(k, argv[at], &name, err));
    TRY(k->back->purge(k, name, keep_from, err));
    kadmin_say(k, KADMIN_DONE,
               keep_from == UINT32_MAX ? "All keys for principal \"%.*s\" removed.\n"
                                       : "Old keys for principal \"%.*s\" purged.\n",
               SLICE_ARG(name));
    return OBOL_OK;
}
