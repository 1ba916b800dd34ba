// notes.h: what a configuration file says that is not wrong enough to stop: a word that nobody
// knows, a value with a comment in it. Each note names file and line; whoever loads the
// configuration decides whether to show them.
#ifndef OBOL_CONFIG_NOTES_H
#define OBOL_CONFIG_NOTES_H

#include "base/arena.h"
#include "base/writer.h"

struct config_note {
    const char *file; // NULL: not of a file
    unsigned line;
    struct slice text; // one sentence without a full stop; bytes from the file are escaped
    struct config_note *next;
};
struct config_notes {
    struct arena *arena; // where they live; set by the owner before the first note
    struct config_note *first, *last;
    size_t count;
};

// config_note adds one; past CONFIG_NOTES_MAX of them, or past the arena's limit, it is left out.
#define CONFIG_NOTES_MAX 100
void config_note(struct config_notes *notes, const char *file, unsigned line, const char *format,
                 ...) PRINTF(4, 5);
// config_notes_write writes one line each: "FILE:LINE: TEXT".
void config_notes_write(const struct config_notes *notes, struct writer *w);
// config_text is `bytes` escaped and cut to 64 bytes, to be shown in a note or error.
const char *config_text(struct arena *a, struct slice bytes);

#endif
