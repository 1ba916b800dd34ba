// schema.h: the meaning of configuration files as a table: one row a key, with its section, type,
// range, default, help, and the place of its value in a C struct. Loading, checking, the man page
// and the suggestions for mistyped words all come from the rows (krb5conf_table.c,
// kdcconf_table.c).
#ifndef OBOL_CONFIG_SCHEMA_H
#define OBOL_CONFIG_SCHEMA_H

#include "config/profile.h"
#include "proto/messages.h"

enum config_type {   // the member that `offset` names is
    CONFIG_STRING,   // struct slice: the first value
    CONFIG_STRINGS,  // struct slice_list: every value, one each relation
    CONFIG_WORDS,    // struct slice_list: words of all values, separated by commas or space
    CONFIG_BOOL,     // bool
    CONFIG_INT,      // int64_t within [min, max]
    CONFIG_DURATION, // int64_t: seconds within [min, max]
    CONFIG_SIZE,     // int64_t: bytes within [min, max]
    CONFIG_ENCTYPES, // struct int32_list
    CONFIG_CHOICE,   // int32_t: index of the word in `choices` ("false|true|fallback")
    CONFIG_PATH,     // struct slice: tokens are expanded by the reader of the value
    CONFIG_REALM,    // struct slice
};
#define CONFIG_NOWHERE SIZE_MAX // offset of a key that is known and checked but has no use here

struct config_item {
    const char *section; // "libdefaults"; "realms/*": of each subsection
    const char *name;    // "*": any name, nothing is checked
    enum config_type type;
    size_t offset;
    int64_t min, max;
    const char *fallback; // the default, as one would write it; NULL: empty, 0, false
    const char *choices;  // CONFIG_CHOICE
    // A further check of the value; records its complaint. May be NULL.
    enum obol_code (*check)(struct slice value, struct arena *a, struct error *err);
    const char *help; // one sentence or two
};
struct config_schema {
    const char *file; // "krb5.conf": what the man page is called
    const struct config_item *items;
    size_t count;
};

// config_check walks the whole tree: unknown sections and keys become notes with the nearest valid
// word, a value that does not parse or is out of range is CONFIG_SYNTAX with file, line, what was
// expected and the nearest valid word.
MUST_USE enum obol_code config_check(const struct config_schema *schema, struct profile *p,
                                     struct error *err);
// config_load fills the struct `out` from one section (its rows are those with section ==
// `section`), defaults first. `node` may be NULL: then all are defaults. Slices borrow from the
// profile.
MUST_USE enum obol_code config_load(const struct config_schema *schema, const char *section,
                                    const struct profile_node *node, struct arena *a, void *out,
                                    struct error *err);
// config_enctypes reads a list as MIT krb5 does: names, families ("aes", "aes-sha2", "camellia",
// "rc4"), "DEFAULT", each with '+' or '-' in front to add or take away. Unknown names are noted
// (`notes` may be NULL), not refused: files outlive releases.
MUST_USE enum obol_code config_enctypes(struct slice text, struct arena *a,
                                        struct config_notes *notes, const char *file, unsigned line,
                                        struct int32_list *out, struct error *err);
// config_write_reference writes the keys as a man page's body (groff man macros), a section a
// heading.
void config_write_reference(const struct config_schema *schema, struct writer *w);

#endif
