// load_line.h: one line of a load (the form is at admin_load_lines).
#ifndef OBOL_ADMIN_LOAD_LINE_H
#define OBOL_ADMIN_LOAD_LINE_H

#include "admin/op.h"

// A parsed line; it is used in place, since its members point to each other.
struct load_line {
    struct op_new new;
    struct slice password;
    struct record_attribute attributes[16];
};
// load_line_parse reads a line that is neither empty nor a comment. Ready keys and the lists live
// in the arena or in `out`; the rest borrows from the line.
MUST_USE enum obol_code load_line_parse(struct slice line, struct arena *a, struct load_line *out,
                                        struct error *err);

#endif
