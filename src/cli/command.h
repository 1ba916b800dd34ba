// command.h: a command of `obol` is a row of a table: its name, what it is for, its options, and
// the function that runs it. Parsing, --help, completion and man pages are made from the rows.
// Each command is a file cmd_x.c with one or a few rows; commands.c lists them.
#ifndef OBOL_CLI_COMMAND_H
#define OBOL_CLI_COMMAND_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "base/secret.h"
#include "proto/messages.h"

enum cli_option_type { // the member that `offset` names is
    CLI_FLAG,          // bool: no argument
    CLI_TEXT,          // struct slice
    CLI_LIST,          // struct slice_list: may be given again
    CLI_NUMBER,        // int64_t within [min, max]
    CLI_DURATION,      // int64_t: seconds ("10h", "1d 2h")
    CLI_TIME,          // int64_t: seconds since 1970; "never" is 0; "+10h" is from now
};
struct cli_option {
    const char *name; // "lifetime" for --lifetime; NULL ends the table
    char letter;      // 'l' for -l; 0: none
    enum cli_option_type type;
    size_t offset;        // in the struct of the command's options
    const char *argument; // "DURATION"; NULL for a flag
    const char *help;     // a clause without a full stop
    int64_t min, max;     // CLI_NUMBER; both 0: any number from 0
};

enum {                           // what a command wants besides its own options
    CLI_WANTS_HOME = 1 << 0,     // --home DIR, OBOL_HOME
    CLI_WANTS_PASSWORD = 1 << 1, // --password-fd N, --password-stdin
    CLI_WANTS_CACHE = 1 << 2,    // -c, --cache NAME, KRB5CCNAME
};

struct cli;
struct cli_command {
    const char *name;                 // "principal add"
    const char *group;                // heading in the overview: CLI_GROUP_...
    const char *summary;              // a clause, lower case, without a full stop
    const char *arguments;            // "NAME", "[PRINCIPAL]", "FILE SPN..."; "" for none
    const char *details;              // paragraphs for --help and the man page; NULL: none
    const char *examples;             // lines "COMMAND\tWHAT IT DOES\n"; NULL: none
    const struct cli_option *options; // NULL: none of its own
    size_t options_size;              // bytes of the struct that they fill
    unsigned min_args, max_args;
    unsigned wants; // CLI_WANTS_...
    // Does the work. A failure is shown by the caller; USAGE gives exit status 2, all others 1.
    enum obol_code (*run)(struct cli *c, const void *options, struct error *err);
};
#define CLI_HOME_DEFAULT "/var/lib/obol" // without --home and OBOL_HOME
#define CLI_GROUP_CLIENT "Tickets"
#define CLI_GROUP_REALM  "The realm"
#define CLI_GROUP_TOOLS  "Tools"
#define CLI_ANY_ARGS     1000u

// A run of a command.
struct cli {
    const char *program; // what messages begin with: "obol", or a face's name
    const struct cli_command *command;
    struct arena *arena; // wiped when the command ends
    const struct env *env;
    struct slice *args; // behind the options; each is NUL-terminated too
    size_t arg_count;
    bool json;                   // --json
    bool colour;                 // standard output is a terminal, and NO_COLOR is not set
    struct slice home;           // CLI_WANTS_HOME: never empty
    struct slice cache;          // CLI_WANTS_CACHE: empty for the default
    int password_fd;             // CLI_WANTS_PASSWORD: -1: ask
    bool prompts;                // and shows what it would have asked, as MIT krb5's tools do
    struct writer out;           // standard output; written when the command ends, or by cli_flush
    int write_error;             // errno of standard output, 0: none
    const struct krb5conf *conf; // loaded by cli_config
};

extern const struct cli_command *const CLI_COMMANDS[]; // all, NULL at the end

// cli_main is main() with everything passed in: argv[0] is the program. Returns the exit status:
// 0 done, 1 failed, 2 the command line is not right.
int cli_main(int argc, char **argv);
// cli_flush writes out what stands in c->out.
void cli_flush(struct cli *c);
// cli_config loads krb5.conf once and shows its notes on standard error.
MUST_USE enum obol_code cli_config(struct cli *c, const struct krb5conf **conf, struct error *err);
// cli_arg is argument n as a slice; empty past the last.
static inline struct slice cli_arg(const struct cli *c, size_t n) {
    return n < c->arg_count ? c->args[n] : (struct slice){0};
}
// cli_cstr is an argument or option as a C string; it was one on the command line.
static inline const char *cli_cstr(struct slice s) {
    return s.ptr ? (const char *)s.ptr : "";
}

#endif
