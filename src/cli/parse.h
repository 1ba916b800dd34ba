// parse.h: the command line against the tables: which command, which options.
#ifndef OBOL_CLI_PARSE_H
#define OBOL_CLI_PARSE_H

#include "cli/command.h"

// Options that every command has, or every command that wants them.
struct cli_shared {
    bool help, json, password_stdin;
    int64_t password_fd; // -1: none
    struct slice home, cache;
};
struct cli_shared_option {
    unsigned wants; // 0: every command
    struct cli_option option;
};
extern const struct cli_shared_option CLI_SHARED[];
extern const size_t CLI_SHARED_COUNT;

// cli_find is the command that argv begins with ("principal add"); *words counts its words. NULL
// if there is none: *words is then the number of words that begin some command's name.
const struct cli_command *cli_find(char **argv, int argc, int *words);
// cli_unknown is USAGE for words that are no command, with the one that was probably meant.
MUST_USE enum obol_code cli_unknown(char **argv, int argc, struct arena *a, struct error *err);
// cli_parse reads the words behind the command's name: options anywhere, "--" ends them. Fills
// c->args, `options` and `shared`. USAGE with the nearest option for one that does not exist.
MUST_USE enum obol_code cli_parse(struct cli *c, char **argv, int argc, void *options,
                                  struct cli_shared *shared, struct error *err);

#endif
