// profile_internal.h: the state of one file being parsed, shared by profile.c and profile_file.c.
#ifndef OBOL_CONFIG_PROFILE_INTERNAL_H
#define OBOL_CONFIG_PROFILE_INTERNAL_H

#include "config/profile.h"

struct profile_parse {
    struct profile *profile;
    const char *file;
    unsigned line;
    struct profile_node *section; // NULL: before the first
    unsigned depth;               // 1 in a section, one more in each brace
    unsigned discard;             // depth of the final section that takes nothing more; 0: none
    bool want_brace;              // the last line was "name ="
    bool follow;                  // includes are followed
    unsigned level;               // of includes
};

MUST_USE enum obol_code profile_parse_lines(struct profile_parse *parse, struct slice text,
                                            struct error *err);
// profile_include reads the file or directory that the present line names.
MUST_USE enum obol_code profile_include(const struct profile_parse *parse, struct slice path,
                                        bool is_dir, struct error *err);
// profile_mistake is CONFIG_SYNTAX: "FILE:LINE: expected ...".
enum obol_code profile_mistake(const struct profile_parse *parse, struct error *err,
                               const char *format, ...) PRINTF(3, 4);
void profile_note(struct profile_parse *parse, const char *format, ...) PRINTF(2, 3);

#endif
