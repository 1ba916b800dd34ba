// output.h: how commands show what they found: tables and colour for people, JSON for machines.
#ifndef OBOL_CLI_OUTPUT_H
#define OBOL_CLI_OUTPUT_H

#include "cli/command.h"

// A table: columns are as wide as their widest cell; the last is not padded.
#define CLI_COLUMNS_MAX 12
struct cli_table {
    struct cli *cli;
    const char *heads[CLI_COLUMNS_MAX];
    size_t columns;
    struct slice *cells; // rows of `columns` cells
    size_t count, room;
};
// cli_table_begin starts a table; `heads` are separated by '|': "Principal|kvno|Enctype".
void cli_table_begin(struct cli_table *t, struct cli *c, const char *heads);
// cli_cell adds the next cell, left to right and top to bottom; bytes from outside are escaped.
void cli_cell(struct cli_table *t, struct slice text);
void cli_cellf(struct cli_table *t, const char *format, ...) PRINTF(2, 3);
// cli_table_end writes the table to c->out.
void cli_table_end(struct cli_table *t);

enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_GOOD, CLI_BAD, CLI_WARN };
// cli_print writes formatted text to c->out, in a style if colour is on.
void cli_print(struct cli *c, enum cli_style style, const char *format, ...) PRINTF(3, 4);
// cli_show writes bytes from outside, escaped.
void cli_show(struct cli *c, struct slice bytes);
// cli_time is a time for people, local, to the second ("2026-11-23 10:05:00"); "never" for 0.
struct slice cli_time(struct cli *c, int64_t t);
// cli_time_iso is a time for machines: "2026-11-23T10:05:00Z"; it is JSON null for 0 in cli_json_*.
struct slice cli_time_iso(struct cli *c, int64_t t);
// cli_warn writes a line to standard error at once.
void cli_warn(struct cli *c, const char *format, ...) PRINTF(2, 3);

// JSON, written as one goes; commas and quotes are put where they belong.
//     struct cli_json j = json_begin(c);
//     json_object(&j, NULL); json_text(&j, "name", s); json_end(&j);
struct cli_json {
    struct cli *cli;
    unsigned depth;
    uint32_t filled; // bit a level: something stands there already
    uint32_t arrays; // bit a level: it is an array
};
struct cli_json json_begin(struct cli *c);
// json_object and json_array open one under a key (NULL within an array and at the top);
// json_close closes the innermost.
void json_object(struct cli_json *j, const char *key);
void json_array(struct cli_json *j, const char *key);
void json_close(struct cli_json *j);
void json_text(struct cli_json *j, const char *key, struct slice value);
void json_number(struct cli_json *j, const char *key, int64_t value);
void json_bool(struct cli_json *j, const char *key, bool value);
void json_time(struct cli_json *j, const char *key, int64_t t);
// json_raw puts a value that is JSON already.
void json_raw(struct cli_json *j, const char *key, struct slice json);
// json_end closes what is open and ends the line.
void json_end(struct cli_json *j);

#endif
