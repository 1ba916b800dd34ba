// json.c: JSON as it is written; see output.h. Base writes strings, here are commas and brackets.
#include "cli/output.h"

struct cli_json json_begin(struct cli *c) {
    return (struct cli_json){.cli = c};
}

static void begin_value(struct cli_json *j, const char *key) {
    struct writer *w = &j->cli->out;
    uint32_t bit = UINT32_C(1) << j->depth;
    if (j->filled & bit)
        writer_u8(w, ',');
    j->filled |= bit;
    if (!key)
        return;
    json_string(w, slice_str(key));
    writer_u8(w, ':');
}

static void open_level(struct cli_json *j, const char *key, bool array) {
    begin_value(j, key);
    if (j->depth == 31) {
        j->cli->out.failed = true;
        return;
    }
    j->depth++;
    uint32_t bit = UINT32_C(1) << j->depth;
    j->filled &= ~bit;
    j->arrays = array ? j->arrays | bit : j->arrays & ~bit;
    writer_u8(&j->cli->out, array ? '[' : '{');
}

void json_object(struct cli_json *j, const char *key) {
    open_level(j, key, false);
}

void json_array(struct cli_json *j, const char *key) {
    open_level(j, key, true);
}

void json_close(struct cli_json *j) {
    if (j->depth == 0)
        return;
    writer_u8(&j->cli->out, j->arrays & (UINT32_C(1) << j->depth) ? ']' : '}');
    j->depth--;
}

void json_text(struct cli_json *j, const char *key, struct slice value) {
    begin_value(j, key);
    json_string(&j->cli->out, value);
}

void json_raw(struct cli_json *j, const char *key, struct slice json) {
    begin_value(j, key);
    writer_bytes(&j->cli->out, json);
}

void json_number(struct cli_json *j, const char *key, int64_t value) {
    begin_value(j, key);
    writer_printf(&j->cli->out, "%lld", (long long)value);
}

void json_bool(struct cli_json *j, const char *key, bool value) {
    begin_value(j, key);
    writer_str(&j->cli->out, value ? "true" : "false");
}

void json_time(struct cli_json *j, const char *key, int64_t t) {
    begin_value(j, key);
    if (t == 0)
        writer_str(&j->cli->out, "null");
    else
        json_string(&j->cli->out, cli_time_iso(j->cli, t));
}

void json_end(struct cli_json *j) {
    while (j->depth)
        json_close(j);
    writer_u8(&j->cli->out, '\n');
}
