// roff.h: text as the source of a man page, for the pages that are made from the tables.
#ifndef OBOL_CONFIG_ROFF_H
#define OBOL_CONFIG_ROFF_H

#include "base/writer.h"

// roff_words writes text that stays on one line, roff_text running text in lines of a length that
// diffs and linters like, where an empty line is a new paragraph. Both show what they are given:
// nothing in it is a request, or changed for a typographic sign.
void roff_words(struct writer *w, struct slice text);
void roff_text(struct writer *w, struct slice text);

#endif
