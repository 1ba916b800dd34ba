// parse.c: see parse.h. One loop over the words, one over the rows; nothing here knows a command.
#include "cli/parse.h"
#include "cli/times.h"
#include "config/duration.h"
#include "config/nearest.h"

#define SHARED(member) offsetof(struct cli_shared, member)

const struct cli_shared_option CLI_SHARED[] = {
    {CLI_WANTS_HOME,
     {"home", 0, CLI_TEXT, SHARED(home), "DIR",
      "the home of the realm; else OBOL_HOME, else /var/lib/obol", 0, 0}},
    {CLI_WANTS_CACHE,
     {"cache", 'c', CLI_TEXT, SHARED(cache), "NAME",
      "the credential cache; else KRB5CCNAME, else the one that krb5.conf names", 0, 0}},
    {CLI_WANTS_PASSWORD,
     {"password-fd", 0, CLI_NUMBER, SHARED(password_fd), "N",
      "read the password, one line, from file descriptor N", 0, 65535}},
    {CLI_WANTS_PASSWORD,
     {"password-stdin", 0, CLI_FLAG, SHARED(password_stdin), NULL,
      "read the password, one line, from standard input", 0, 0}},
    {0, {"json", 0, CLI_FLAG, SHARED(json), NULL, "print JSON", 0, 0}},
    {0, {"help", 'h', CLI_FLAG, SHARED(help), NULL, "show this", 0, 0}},
};
const size_t CLI_SHARED_COUNT = COUNT_OF(CLI_SHARED);

// ---- which command

// words_match counts how many of a command's words argv begins with; all of them: *whole.
static int words_match(const char *name, char **argv, int argc, bool *whole) {
    struct slice rest = slice_str(name);
    int n = 0;
    while (rest.len && n < argc) {
        size_t end = slice_find(rest, ' ');
        if (!slice_eq_str(slice_sub(rest, 0, end), argv[n]))
            break;
        rest = slice_sub(rest, end + 1, SIZE_MAX);
        n++;
    }
    *whole = rest.len == 0;
    return n;
}

const struct cli_command *cli_find(char **argv, int argc, int *words) {
    const struct cli_command *found = NULL;
    int longest = 0, partly = 0;
    for (size_t i = 0; CLI_COMMANDS[i]; i++) {
        bool whole;
        int n = words_match(CLI_COMMANDS[i]->name, argv, argc, &whole);
        if (whole && n > longest) {
            found = CLI_COMMANDS[i];
            longest = n;
        }
        partly = n > partly ? n : partly;
    }
    *words = found ? longest : partly;
    return found;
}

// ---- which option

struct parse {
    struct cli *cli;
    uint8_t *options;
    struct cli_shared *shared;
    char **argv;
    int argc, at;
    struct error *err;
};

// Walks the command's own options, then the shared ones that it has; NULL at the end.
static const struct cli_option *option_at(const struct cli_command *command, size_t index) {
    for (size_t i = 0; command->options && command->options[i].name; i++)
        if (index-- == 0)
            return &command->options[i];
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if ((CLI_SHARED[i].wants & ~command->wants) == 0 && index-- == 0)
            return &CLI_SHARED[i].option;
    return NULL;
}

static bool is_shared(const struct cli_option *o) {
    for (size_t i = 0; i < CLI_SHARED_COUNT; i++)
        if (o == &CLI_SHARED[i].option)
            return true;
    return false;
}

static enum obol_code find_long(const struct parse *p, struct slice name,
                                const struct cli_option **out, struct error *err) {
    struct nearest nearest = nearest_of(name);
    for (size_t i = 0; (*out = option_at(p->cli->command, i)); i++) {
        if (slice_eq_str(name, (*out)->name))
            return OBOL_OK;
        nearest_offer(&nearest, (*out)->name);
    }
    // Nobody's password belongs where `ps` shows it to all.
    bool password = (p->cli->command->wants & CLI_WANTS_PASSWORD) &&
                    (slice_eq_str(name, "password") || slice_eq_str(name, "pass"));
    ENSURE(!password, USAGE,
           "a password on the command line is shown to everybody on this machine; leave --%.*s out "
           "to be asked, or use --password-stdin or --password-fd",
           SLICE_ARG(name));
    ENSURE(nearest.best == NULL, USAGE, "`obol %s` has no option --%.*s; did you mean --%s?",
           p->cli->command->name, SLICE_ARG(name), nearest.best);
    ENSURE(false, USAGE, "`obol %s` has no option --%.*s", p->cli->command->name, SLICE_ARG(name));
}

static enum obol_code find_letter(const struct parse *p, char letter, const struct cli_option **out,
                                  struct error *err) {
    for (size_t i = 0; (*out = option_at(p->cli->command, i)); i++)
        if ((*out)->letter == letter)
            return OBOL_OK;
    struct writer w = writer_to_arena(p->cli->arena);
    for (size_t i = 0; (*out = option_at(p->cli->command, i)); i++)
        if ((*out)->letter)
            writer_printf(&w, " -%c", (*out)->letter);
    ENSURE(false, USAGE, "`obol %s` has no option -%c; it has%.*s", p->cli->command->name, letter,
           SLICE_ARG(writer_slice(&w)));
}

static enum obol_code append(struct slice_list *list, struct slice value, struct arena *a,
                             struct error *err) {
    struct slice *bigger = arena_zalloc(a, list->count + 1, sizeof *bigger);
    ENSURE_MEMORY(bigger);
    if (list->count)
        memcpy(bigger, list->items, list->count * sizeof *bigger);
    bigger[list->count++] = value;
    list->items = bigger;
    return OBOL_OK;
}

static enum obol_code set_number(const struct cli_option *o, struct slice value, int64_t *out,
                                 struct error *err) {
    bool bounded = o->min != 0 || o->max != 0;
    int64_t low = bounded ? o->min : 0, high = bounded ? o->max : INT64_MAX;
    ENSURE(number_parse(value, out), USAGE, "--%s is '%.*s'; expected a number", o->name,
           SLICE_ARG(value));
    ENSURE(*out >= low && *out <= high, USAGE, "--%s is %lld; expected a number from %lld to %lld",
           o->name, (long long)*out, (long long)low, (long long)high);
    return OBOL_OK;
}

static enum obol_code set_option(const struct parse *p, const struct cli_option *o,
                                 struct slice value, struct error *err) {
    ENSURE(value.len || o->type == CLI_FLAG, USAGE,
           "--%s is empty; expected %s. Is a variable of the shell not set?", o->name, o->argument);
    void *to = (is_shared(o) ? (uint8_t *)p->shared : p->options) + o->offset;
    switch (o->type) {
    case CLI_FLAG:
        *(bool *)to = true;
        return OBOL_OK;
    case CLI_TEXT:
        *(struct slice *)to = value;
        return OBOL_OK;
    case CLI_LIST:
        return append(to, value, p->cli->arena, err);
    case CLI_NUMBER:
        return set_number(o, value, to, err);
    case CLI_DURATION:
        ENSURE(duration_parse(value, to), USAGE,
               "--%s is '%.*s'; expected a duration such as 300, 5m, 10h or 1d 2h", o->name,
               SLICE_ARG(value));
        return OBOL_OK;
    case CLI_TIME:
        ENSURE(time_parse(value, env_now(p->cli->env), to), USAGE,
               "--%s is '%.*s'; expected a time such as 2026-12-31, 2026-12-31 18:00:00, +10h, "
               "never",
               o->name, SLICE_ARG(value));
        return OBOL_OK;
    }
    return OBOL_OK;
}

static enum obol_code take_argument(struct parse *p, const struct cli_option *o,
                                    struct slice *value, struct error *err) {
    ENSURE(p->at < p->argc, USAGE, "--%s wants %s behind it", o->name, o->argument);
    *value = slice_str(p->argv[p->at++]);
    return OBOL_OK;
}

// "--name", "--name value", "--name=value"
static enum obol_code long_option(struct parse *p, struct slice word, struct error *err) {
    size_t equals = slice_find(word, '=');
    const struct cli_option *o;
    TRY(find_long(p, slice_sub(word, 0, equals), &o, err));
    struct slice value = slice_sub(word, equals + 1, SIZE_MAX);
    ENSURE(equals == word.len || o->type != CLI_FLAG, USAGE, "--%s takes no value", o->name);
    if (o->type != CLI_FLAG && equals == word.len)
        TRY(take_argument(p, o, &value, err));
    return set_option(p, o, value, err);
}

// "-f", "-fp" (two flags), "-l10h", "-l 10h"
static enum obol_code short_options(struct parse *p, struct slice letters, struct error *err) {
    while (letters.len) {
        const struct cli_option *o;
        TRY(find_letter(p, (char)letters.ptr[0], &o, err));
        letters = slice_sub(letters, 1, SIZE_MAX);
        struct slice value = letters;
        if (o->type != CLI_FLAG && letters.len == 0)
            TRY(take_argument(p, o, &value, err));
        TRY(set_option(p, o, value, err));
        if (o->type != CLI_FLAG)
            return OBOL_OK;
    }
    return OBOL_OK;
}

// An empty word is a mistake of the shell's line, and no command means it for a default.
static enum obol_code take_word(struct parse *p, struct slice word, struct error *err) {
    ENSURE(word.len, USAGE,
           "word %zu behind `obol %s` is empty; expected %s. Is a variable of the shell not set?",
           p->cli->arg_count + 1, p->cli->command->name,
           p->cli->command->max_args ? p->cli->command->arguments : "none");
    p->cli->args[p->cli->arg_count++] = word;
    return OBOL_OK;
}

static enum obol_code count_arguments(const struct cli *c, struct error *err) {
    const struct cli_command *command = c->command;
    ENSURE(c->arg_count >= command->min_args, USAGE, "`obol %s` wants %s", command->name,
           command->arguments);
    if (c->arg_count <= command->max_args)
        return OBOL_OK;
    const char *takes = command->max_args ? command->arguments : "no arguments";
    // The word may be a password by mistake.
    ENSURE(!(command->wants & CLI_WANTS_PASSWORD), USAGE,
           "`obol %s` takes %s; there is more behind it", command->name, takes);
    ENSURE(false, USAGE, "`obol %s` takes %s; '%.*s' is too much", command->name, takes,
           SLICE_ARG(c->args[command->max_args]));
}

enum obol_code cli_parse(struct cli *c, char **argv, int argc, void *options,
                         struct cli_shared *shared, struct error *err) {
    struct parse p = {c, options, shared, argv, argc, 0, err};
    *shared = (struct cli_shared){.password_fd = -1};
    c->args = arena_zalloc(c->arena, (size_t)argc + 1, sizeof *c->args);
    ENSURE_MEMORY(c->args);
    c->arg_count = 0;
    bool ended = false;
    while (p.at < argc) {
        struct slice word = slice_str(argv[p.at++]);
        bool dashed = !ended && word.len > 1 && word.ptr[0] == '-';
        if (dashed && slice_eq_str(word, "--"))
            ended = true;
        else if (dashed && word.ptr[1] == '-')
            TRY(long_option(&p, slice_sub(word, 2, SIZE_MAX), err));
        else if (dashed)
            TRY(short_options(&p, slice_sub(word, 1, SIZE_MAX), err));
        else
            TRY(take_word(&p, word, err));
    }
    if (shared->help)
        return OBOL_OK;
    return count_arguments(c, err);
}
