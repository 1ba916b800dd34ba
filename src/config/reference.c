// reference.c: the schema as the body of a man page.
#include "config/roff.h"
#include "config/schema.h"

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
    char facts[1024];
    struct writer f = writer_to_buf(buf_of(facts, sizeof facts));
    writer_printf(&f, "(%s", item->choices ? item->choices : type_name(item->type));
    if (item->min != 0 || item->max != 0)
        writer_printf(&f, ", from %lld to %lld", (long long)item->min, (long long)item->max);
    if (item->fallback)
        writer_printf(&f, "; default %s", item->fallback);
    writer_str(&f, ") ");
    writer_str(&f, item->help);
    w->failed |= f.failed;
    writer_str(w, ".TP\n.B ");
    roff_words(w, slice_str(item->name));
    writer_u8(w, '\n');
    roff_text(w, writer_slice(&f));
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
