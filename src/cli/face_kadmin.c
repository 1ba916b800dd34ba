// face_kadmin.c: the session of kadmin.local: its options, its lines (from -q, from the rest of the
// command line, or typed) and its table of commands.
#include "cli/face_kadmin.h"
#include "base/ct.h"
#include "cli/output.h"
#include "config/nearest.h"
#include "config/schema.h"
#include "proto/codes.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORDS_MAX 64

static enum obol_code help(struct kadmin *k, int argc, char **argv, struct error *err);
static enum obol_code quit(struct kadmin *k, int argc, char **argv, struct error *err) {
    UNUSED(argc);
    UNUSED(argv);
    UNUSED(err);
    k->quit = true;
    return OBOL_OK;
}

// As with MIT's, whoever locks twice unlocks twice.
static enum obol_code lock(struct kadmin *k, int argc, char **argv, struct error *err) {
    UNUSED(argc);
    UNUSED(argv);
    TRY(k->back->lock(k, err));
    k->locks++;
    return OBOL_OK;
}

static enum obol_code unlock(struct kadmin *k, int argc, char **argv, struct error *err) {
    UNUSED(argc);
    UNUSED(argv);
    ENSURE(k->locks > 0, INVALID_ARGUMENT, "this session has not locked the realm");
    k->locks--;
    return k->back->unlock(k, err);
}

static const struct kadmin_command COMMANDS[] = {
    {{"add_principal", "addprinc", "ank"}, "[options] principal", "Add principal", kadmin_add},
    {{"delete_principal", "delprinc"}, "[-force] principal", "Delete principal", kadmin_delete},
    {{"modify_principal", "modprinc"}, "[options] principal", "Modify principal", kadmin_modify},
    {{"rename_principal", "renprinc"},
     "[-force] old_principal new_principal",
     "Rename principal",
     kadmin_rename},
    {{"add_alias", "alias"}, "alias_principal principal", "Add alias", kadmin_add_alias},
    {{"change_password", "cpw"},
     "[-randkey] [-keepold] [-e enctypes] [-pw password] principal",
     "Change password",
     kadmin_password},
    {{"get_principal", "getprinc"}, "[-terse] principal", "Get principal", kadmin_get},
    {{"list_principals", "listprincs", "get_principals", "getprincs"},
     "[expression]",
     "List principals",
     kadmin_list},
    {{"get_privs", "getprivs"}, "", "Get privileges", kadmin_privileges},
    {{"ktadd", "xst"},
     "[-k keytab] [-q] [-e enctypes] [-norandkey] [principal | -glob expression] [...]",
     "Add entries to a keytab",
     kadmin_keytab_add},
    {{"ktremove", "ktrem"},
     "[-k keytab] [-q] principal [kvno | \"all\" | \"old\"]",
     "Remove entries from a keytab",
     kadmin_keytab_remove},
    {{"purgekeys"}, "[-all|-keepkvno kvno] principal", "Purge old keys", kadmin_purge},
    {{"add_policy", "addpol"}, "[options] policy", "Add policy", kadmin_policy_add},
    {{"modify_policy", "modpol"}, "[options] policy", "Modify policy", kadmin_policy_modify},
    {{"delete_policy", "delpol"}, "[-force] policy", "Delete policy", kadmin_policy_delete},
    {{"get_policy", "getpol"}, "[-terse] policy", "Get policy", kadmin_policy_get},
    {{"list_policies", "listpols", "get_policies", "getpols"},
     "[expression]",
     "List policies",
     kadmin_policy_list},
    {{"lock"}, "", "Lock database exclusively: nobody else changes the realm", lock},
    {{"unlock"}, "", "Release exclusive database lock", unlock},
    {{"get_strings", "getstrs"}, "principal", "Show string attributes", kadmin_get_strings},
    {{"set_string", "setstr"}, "principal key value", "Set a string attribute", kadmin_set_string},
    {{"del_string", "delstr"}, "principal key", "Delete a string attribute", kadmin_delete_string},
    {{"list_requests", "lr", "?", "help"}, "", "List available requests", help},
    {{"quit", "exit", "q"}, "", "Exit program", quit},
};

static enum obol_code help(struct kadmin *k, int argc, char **argv, struct error *err) {
    UNUSED(argc);
    UNUSED(argv);
    UNUSED(err);
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        for (size_t n = 0; COMMANDS[i].names[n]; n++)
            cli_print(k->cli, CLI_PLAIN, "%s%s", n ? ", " : "", COMMANDS[i].names[n]);
        cli_print(k->cli, CLI_PLAIN, "\n    %s\n", COMMANDS[i].help);
    }
    return OBOL_OK;
}

static const struct kadmin_command *find(const char *word, struct nearest *near) {
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++)
        for (size_t n = 0; COMMANDS[i].names[n]; n++) {
            if (strcmp(COMMANDS[i].names[n], word) == 0)
                return &COMMANDS[i];
            nearest_offer(near, COMMANDS[i].names[n]);
        }
    return NULL;
}

static enum obol_code run_words(struct kadmin *k, int argc, char **argv, struct error *err) {
    struct nearest near = nearest_of(slice_str(argv[0]));
    const struct kadmin_command *command = find(argv[0], &near);
    ENSURE(command || !near.best, USAGE, "there is no request \"%s\"; did you mean %s?", argv[0],
           near.best);
    ENSURE(command, USAGE, "there is no request \"%s\"; type \"?\" for a list", argv[0]);
    enum obol_code code = command->run(k, argc - 1, argv + 1, err);
    if (code == OBOL_USAGE)
        face_say(k->cli, "usage: %s %s", argv[0], command->usage);
    return code;
}

// Takes a line apart in place, by white space; double quotes hold words together, and single ones,
// as scripts write them. False if a quote is not closed or there are too many words.
static bool split(char *line, char **words, int *count) {
    char *to = line;
    for (*count = 0; *count < WORDS_MAX;) {
        while (*line == ' ' || *line == '\t' || *line == '\n')
            line++;
        if (!*line)
            return true;
        words[(*count)++] = to;
        char quote = '\0';
        for (; *line && (quote || !strchr(" \t\n", *line)); line++) {
            if (!quote && (*line == '"' || *line == '\''))
                quote = *line;
            else if (quote == *line)
                quote = '\0';
            else
                *to++ = *line;
        }
        if (quote)
            return false;
        bool more = *line != '\0';
        line += more;
        *to++ = '\0';
        if (!more)
            return true;
    }
    return false;
}

static void show_failure(struct kadmin *k, const struct error *err) {
    struct writer w = writer_to_arena(k->cli->arena);
    error_write(err, &w);
    cli_flush(k->cli);
    cli_warn(k->cli, "%.*s", SLICE_ARG(slice_trim(writer_slice(&w))));
}

// True if the request in the line succeeded.
static bool run_line(struct kadmin *k, const char *line) {
    char *words[WORDS_MAX + 1] = {NULL};
    int count = 0;
    struct error err;
    error_init(&err);
    struct slice text = slice_str(line), own;
    // Room for the NUL that arena_copy does not add.
    bool copied = arena_copy(k->cli->arena, slice_of(text.ptr, text.len + 1), &own);
    enum obol_code code = OBOL_OK;
    if (!copied || !split((char *)(uintptr_t)own.ptr, words, &count))
        code = error_set(&err, OBOL_USAGE, __func__,
                         "a quote is not closed, or there are more than %d words", WORDS_MAX);
    else if (count > 0)
        code = run_words(k, count, words, &err);
    if (code != OBOL_OK)
        show_failure(k, &err);
    cli_flush(k->cli);
    return code == OBOL_OK;
}

static void interact(struct kadmin *k) {
    char *line = NULL;
    size_t room = 0;
    while (!k->quit) {
        cli_print(k->cli, CLI_PLAIN, "%s:  ", k->cli->program);
        cli_flush(k->cli);
        if (getline(&line, &room, stdin) < 0)
            break;
        (void)run_line(k, line);
    }
    free(line);
}

// What modules of MIT krb5's store take: the database's name, and how the lock is held while names
// are listed, which here needs none.
static enum obol_code take_database_argument(const char *value, struct kadmin_options *o,
                                             struct error *err) {
    static const char name[] = "dbname=";
    if (strncmp(value, name, sizeof name - 1) == 0)
        o->database = value + sizeof name - 1;
    else
        ENSURE(strcmp(value, "lockiter") == 0 || strcmp(value, "unlockiter") == 0, USAGE,
               "the store knows no argument \"%s\"", value);
    return OBOL_OK;
}

enum obol_code kadmin_take_options(int argc, char **argv, struct kadmin_options *out,
                                   struct error *err) {
    struct face_args g = {.argv = argv, .argc = argc};
    int letter;
    *out = (struct kadmin_options){0};
    const struct {
        int letter;
        const char **value;
    } values[] = {{'q', &out->query},     {'e', &out->enctypes}, {'d', &out->database},
                  {'p', &out->principal}, {'c', &out->cache},    {'t', &out->keytab},
                  {'w', &out->password},  {'s', &out->server}};
    while ((letter = face_next(&g, "x:mNnr:p:q:w:d:s:kc:t:e:O", err)) > 0) {
        for (size_t i = 0; i < COUNT_OF(values); i++)
            if (values[i].letter == letter)
                *values[i].value = g.value;
        out->use_keytab |= letter == 'k';
        out->anonymous |= letter == 'n';
        out->old_flavor |= letter == 'O';
        if (letter == 'r')
            out->realm = slice_str(g.value);
        if (letter == 'x')
            TRY(take_database_argument(g.value, out, err));
        ENSURE(letter != 'm', USAGE,
               "-m: there is no master password; the master key is in a file of its own");
    }
    ENSURE(letter == 0, USAGE, "the options");
    out->words = g.at;
    ENSURE(!out->query || g.at == argc, USAGE, "-q, and another query behind the options");
    return OBOL_OK;
}

enum obol_code kadmin_take_words(struct cli *c, int argc, char **argv, char ***out,
                                 struct error *err) {
    char **own = arena_zalloc(c->arena, (size_t)argc + 1, sizeof *own);
    ENSURE_MEMORY(own);
    for (int i = 0; i < argc; i++) {
        struct slice copy;
        ENSURE(arena_copy(c->arena, slice_of(argv[i], strlen(argv[i]) + 1), &copy), NO_MEMORY,
               "the command line");
        own[i] = (char *)(uintptr_t)copy.ptr;
        const char *before = i ? own[i - 1] : "";
        bool hidden = strcmp(before, "-pw") == 0 || strcmp(before, "-w") == 0 ||
                      strstr(own[i], "-pw ") || strncmp(own[i], "-w", 2) == 0;
        if (hidden && strcmp(own[i], "-w") != 0)
            wipe(argv[i], strlen(argv[i]));
    }
    *out = own;
    return OBOL_OK;
}

int kadmin_session(struct kadmin *k, const struct kadmin_options *o, int argc, char **argv) {
    struct error failure;
    error_init(&failure);
    if (o->query)
        return run_line(k, o->query) ? 0 : 1;
    if (!k->scripted) {
        interact(k);
        return 0;
    }
    enum obol_code code = run_words(k, argc - o->words, argv + o->words, &failure);
    if (code != OBOL_OK)
        show_failure(k, &failure);
    return code == OBOL_OK ? 0 : 1;
}

// ---- shared by the commands

enum obol_code kadmin_full_name(struct kadmin *k, const char *name, struct slice *out,
                                struct error *err) {
    struct principal p;
    TRY(principal_parse(slice_str(name), k->realm, NT_UNKNOWN, k->cli->arena, &p, err));
    *out = principal_text(&p, k->cli->arena);
    ENSURE_MEMORY(out->ptr);
    return OBOL_OK;
}

enum obol_code kadmin_enctypes(struct kadmin *k, const char *text, struct int32_list *out,
                               struct error *err) {
    struct config_notes notes = {.arena = k->cli->arena};
    struct writer w = writer_to_arena(k->cli->arena);
    for (bool salt = false; *text; text++) {
        salt = *text == ':' || (salt && !strchr(", \t", *text));
        if (!salt)
            writer_u8(&w, (uint8_t)*text);
    }
    TRY(config_enctypes(writer_slice(&w), k->cli->arena, &notes, NULL, 0, out, err));
    ENSURE(notes.count == 0, USAGE, "-e: %.*s", SLICE_ARG(notes.first->text));
    ENSURE(out->count, USAGE, "-e names no enctype that is implemented");
    return OBOL_OK;
}

bool kadmin_confirm(struct kadmin *k, bool forced, const char *question, struct slice name) {
    if (forced || k->scripted)
        return true;
    cli_print(k->cli, CLI_PLAIN, "%s \"%.*s\"? (yes/no): ", question, SLICE_ARG(name));
    cli_flush(k->cli);
    char answer[16];
    return fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0;
}

void kadmin_say(struct kadmin *k, enum kadmin_saying what, const char *format, ...) {
    char text[3 * RECORD_NAME_MAX];
    va_list args;
    if (k->scripted)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (what == KADMIN_REMARK)
        face_say(k->cli, "%s", text);
    else
        cli_print(k->cli, CLI_PLAIN, "%s", text);
}

enum obol_code kadmin_need_value(int argc, char **argv, int *at, const char **out,
                                 struct error *err) {
    ENSURE(*at + 1 < argc, USAGE, "%s needs a value", argv[*at]);
    *out = argv[++*at];
    return OBOL_OK;
}
