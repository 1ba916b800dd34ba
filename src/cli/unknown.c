// unknown.c: words that are no command, answered with the one that was probably meant: a slip of
// the finger, another word for the same, or the name that a tool of MIT krb5 or Heimdal has.
#include "cli/parse.h"
#include "config/nearest.h"

static const struct {
    const char *typed, *meant;
} TOOLS[] = {
    {"kinit", "login"},
    {"klist", "tickets"},
    {"kvno", "ticket"},
    {"kgetcred", "ticket"},
    {"kdestroy", "logout"},
    {"kswitch", "switch"},
    {"kpasswd", "passwd"},
    {"password", "passwd"},
    {"krb5kdc", "serve"},
    {"kdc", "serve"},
    {"start", "serve"},
    {"run", "serve"},
    {"kdb5_util", "realm create"},
    {"init", "realm create"},
    {"create", "realm create"},
    {"kadmin", "principal"},
    {"kadmin.local", "principal"},
    {"user", "principal"},
    {"users", "principal list"},
    {"addprinc", "principal add"},
    {"add_principal", "principal add"},
    {"delprinc", "principal delete"},
    {"modprinc", "principal set"},
    {"getprinc", "principal show"},
    {"listprincs", "principal list"},
    {"cpw", "principal password"},
    {"setspn", "spn"},
    {"ktutil", "keytab"},
    {"ktadd", "keytab create"},
    {"list", "tickets"},
    {"man", "help --man"},
};
// Verbs of which a group has one or the other.
static const struct {
    const char *typed, *meant;
} VERBS[] = {
    {"create", "add"},      {"new", "add"},       {"new", "create"},    {"init", "create"},
    {"add", "create"},      {"remove", "delete"}, {"rm", "delete"},     {"del", "delete"},
    {"modify", "set"},      {"mod", "set"},       {"change", "set"},    {"edit", "set"},
    {"get", "show"},        {"info", "show"},     {"show", "list"},     {"ls", "list"},
    {"passwd", "password"}, {"cpw", "password"},  {"export", "create"}, {"extract", "create"},
};

static bool is_command(struct slice name) {
    for (size_t i = 0; CLI_COMMANDS[i]; i++)
        if (slice_eq_str(name, CLI_COMMANDS[i]->name))
            return true;
    return false;
}

// The first `words` words of a command's name; all of it if it has no more.
static struct slice first_words(const char *name, int words) {
    struct slice s = slice_str(name);
    size_t len = 0;
    for (int i = 0; i < words && len < s.len; i++) {
        len += i > 0;
        len += slice_find(slice_sub(s, len, SIZE_MAX), ' ');
    }
    return slice_sub(s, 0, len);
}

// another_word gives the command that goes by another name elsewhere; NULL if none does.
static const char *another_word(struct slice before, struct slice word, struct arena *a) {
    for (size_t i = 0; before.len == 0 && i < COUNT_OF(TOOLS); i++)
        if (slice_eq_nocase(word, slice_str(TOOLS[i].typed)))
            return TOOLS[i].meant;
    for (size_t i = 0; before.len != 0 && i < COUNT_OF(VERBS); i++) {
        if (!slice_eq_nocase(word, slice_str(VERBS[i].typed)))
            continue;
        struct slice meant = arena_printf(a, "%.*s %s%c", SLICE_ARG(before), VERBS[i].meant, 0);
        if (meant.len && is_command(slice_sub(meant, 0, meant.len - 1)))
            return (const char *)meant.ptr;
    }
    return NULL;
}

// Walks the words that may stand behind `before`: those of the commands that begin with it.
static struct slice word_behind(struct slice before, int words, size_t i) {
    struct slice name = first_words(CLI_COMMANDS[i]->name, words + 1);
    size_t skip = before.len + (before.len > 0);
    if (!slice_starts(name, before) || name.len <= skip)
        return (struct slice){0};
    return slice_sub(name, skip, SIZE_MAX);
}

static const char *near_word(struct slice before, int words, struct slice word, struct arena *a) {
    struct nearest nearest = nearest_of(word);
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        const char *candidate = arena_cstr(a, word_behind(before, words, i));
        if (candidate && *candidate)
            nearest_offer(&nearest, candidate);
    }
    if (!nearest.best || before.len == 0)
        return nearest.best;
    return (const char *)arena_printf(a, "%.*s %s%c", SLICE_ARG(before), nearest.best, 0).ptr;
}

static struct slice words_behind(struct slice before, int words, struct arena *a) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        struct slice word = word_behind(before, words, i);
        if (word.len == 0)
            continue;
        writer_str(&w, w.len ? ", " : "");
        writer_bytes(&w, word);
    }
    return writer_slice(&w);
}

enum obol_code cli_unknown(char **argv, int argc, struct arena *a, struct error *err) {
    int words;
    const struct cli_command *found = cli_find(argv, argc, &words);
    struct slice before = {0}, word = slice_str(words < argc ? argv[words] : "");
    for (int i = 0; i < words; i++)
        before =
            i == 0 ? slice_str(argv[i]) : arena_printf(a, "%.*s %s", SLICE_ARG(before), argv[i]);
    ENSURE(!found, USAGE, "'%.*s' is no word of a command behind `%s`", SLICE_ARG(word),
           found->name);
    ENSURE(word.len == 0 || word.ptr[0] != '-', USAGE,
           "'%.*s' stands before the command; options come behind it: obol COMMAND %.*s",
           SLICE_ARG(word), SLICE_ARG(word));
    const char *meant = another_word(before, word, a);
    if (!meant)
        meant = near_word(before, words, word, a);
    ENSURE(!meant, USAGE, "'%.*s%s%.*s' is no command; did you mean `obol %s`?", SLICE_ARG(before),
           before.len ? " " : "", SLICE_ARG(word), meant);
    ENSURE(before.len == 0, USAGE, "`obol %.*s` has no '%.*s'; it has %.*s", SLICE_ARG(before),
           SLICE_ARG(word), SLICE_ARG(words_behind(before, words, a)));
    ENSURE(false, USAGE, "'%.*s' is no command; `obol help` lists them", SLICE_ARG(word));
}
