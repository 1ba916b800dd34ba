// profile.h: the syntax of krb5.conf and kdc.conf: sections, relations, subsections in braces, the
// final mark '*', include and includedir. Gives one tree; meaning is schema.h's. Reads whatever
// MIT's parser reads, in the same way, and says file, line and what was expected of the rest.
#ifndef OBOL_CONFIG_PROFILE_H
#define OBOL_CONFIG_PROFILE_H

#include "base/error.h"
#include "config/notes.h"

#define PROFILE_FILE_MAX  (4u << 20) // bytes of one file
#define PROFILE_DEPTH_MAX 16         // of subsections, and of files that include each other
#define PROFILE_FILES_MAX 256

struct profile_node {
    struct slice name;
    struct slice value; // of a relation
    bool is_section;
    bool final;       // what comes later under this name is left out
    const char *file; // where it stood first
    unsigned line;
    unsigned sections, finals; // counts of children, for bounds; internal
    struct profile_node *parent, *children, *last_child, *next;
};
struct profile {
    struct arena *arena;
    struct config_notes notes;
    struct profile_node root;
    unsigned files; // that were read
    unsigned nodes; // in the tree
};

// profile_init makes an empty tree, which lives in the arena.
void profile_init(struct profile *p, struct arena *a);
// profile_parse adds a text; `file` is shown in errors and stays borrowed. Later relations stand
// behind earlier ones of the same name, sections of one name are one, a final one is closed.
// CONFIG_SYNTAX with file, line and what was expected. Includes are followed.
MUST_USE enum obol_code profile_parse(struct profile *p, const char *file, struct slice text,
                                      struct error *err);
// profile_parse_alone is profile_parse that follows no include: for bytes not to be trusted.
MUST_USE enum obol_code profile_parse_alone(struct profile *p, const char *file, struct slice text,
                                            struct error *err);
// profile_read adds a file, or all fitting files of a directory in the order of their names
// (alphanumerics, '-' and '_' only, or *.conf). NOT_FOUND if there is none, IO, CONFIG_SYNTAX.
MUST_USE enum obol_code profile_read(struct profile *p, struct slice path, struct error *err);
// profile_read_paths adds every existing file of a list separated by colons, as KRB5_CONFIG holds
// it. It is well if none exists; p->files tells.
MUST_USE enum obol_code profile_read_paths(struct profile *p, struct slice paths,
                                           struct error *err);

// profile_section is the subsection of a section (NULL: a top-level one); NULL if there is none.
const struct profile_node *profile_section(const struct profile *p,
                                           const struct profile_node *parent, struct slice name);
// profile_first is the first relation of a name in a section, profile_next the next of the same
// name; NULL at the end. A NULL section has none.
const struct profile_node *profile_first(const struct profile_node *section, struct slice name);
const struct profile_node *profile_next(const struct profile_node *relation);
// profile_write writes the tree as a file again.
void profile_write(const struct profile *p, struct writer *w);

#endif
