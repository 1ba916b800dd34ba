// reference.c: the schema as the body of a man page.
#include "config/duration.h"
#include "config/schema.h"

#define LINE_MAX_BYTES 72 // behind which a line of the source ends at the next space

// What roff would take for a request or change for a typographic sign, as itself.
static void write_escaped(struct writer *w, const char *text) {
    size_t column = 0;
    for (const char *c = text; *c; c++) {
        bool ended = *c == ' ' && column++ > LINE_MAX_BYTES;
        if (ended)
            column = 0;
        if (*c == '\\' || *c == '-')
            writer_u8(w, '\\');
        if (*c == '`' || *c == '\'' || *c == '"')
            writer_str(w, *c == '`' ? "\\(ga" : *c == '"' ? "\\(dq" : "\\(aq");
        else
            writer_u8(w, ended ? '\n' : (uint8_t)*c);
        column += *c != ' ';
    }
}

static const char *type_name(enum config_type type) {
    static const char *const names[] = {
        [CONFIG_STRING] = "text",   [CONFIG_STRINGS] = "text, repeatable",
        [CONFIG_WORDS] = "words",   [CONFIG_BOOL] = "true or false",
        [CONFIG_INT] = "number",    [CONFIG_DURATION] = "duration",
        [CONFIG_SIZE] = "size",     [CONFIG_ENCTYPES] = "enctypes",
        [CONFIG_CHOICE] = "choice", [CONFIG_PATH] = "name with tokens",
        [CONFIG_REALM] = "realm",
    };
    return names[type];
}

static void write_item(const struct config_item *item, struct writer *w) {
    writer_str(w, ".TP\n.B ");
    write_escaped(w, item->name);
    writer_printf(w, "\n(%s", item->choices ? item->choices : type_name(item->type));
    if (item->min != 0 || item->max != 0)
        writer_printf(w, ", from %lld to %lld", (long long)item->min, (long long)item->max);
    if (item->fallback) {
        writer_str(w, "; default ");
        write_escaped(w, item->fallback);
    }
    writer_str(w, ")\n");
    write_escaped(w, item->help);
    writer_u8(w, '\n');
}

void config_write_reference(const struct config_schema *schema, struct writer *w) {
    const char *section = "";
    for (size_t i = 0; i < schema->count; i++) {
        const struct config_item *item = &schema->items[i];
        bool of_other_files = item->name[0] == '*' && item->name[1] == '*';
        if (of_other_files)
            continue;
        if (strcmp(section, item->section) != 0)
            writer_printf(w, ".SH [%s]\n", item->section);
        section = item->section;
        write_item(item, w);
    }
}
