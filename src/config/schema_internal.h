// schema_internal.h: lists of values, for the files of this folder.
#ifndef OBOL_CONFIG_SCHEMA_INTERNAL_H
#define OBOL_CONFIG_SCHEMA_INTERNAL_H

#include "config/schema.h"

// config_next_word takes the next word off a text separated by commas and white space; empty at
// the end.
struct slice config_next_word(struct slice *text);
// config_list gathers the values of a relation and of those of its name behind it, split into words
// if asked.
MUST_USE enum obol_code config_list(const struct profile_node *first, bool words, struct arena *a,
                                    struct slice_list *out, struct error *err);

#endif
