// notes.c: see notes.h.
#include "config/notes.h"
#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>

void config_note(struct config_notes *notes, const char *file, unsigned line, const char *format,
                 ...) {
    if (!notes || notes->count >= CONFIG_NOTES_MAX)
        return;
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct config_note *note = arena_zalloc(notes->arena, 1, sizeof *note);
    if (n < 0 || !note || !arena_copy(notes->arena, slice_str(text), &note->text))
        return;
    note->file = file;
    note->line = line;
    if (notes->last)
        notes->last->next = note;
    else
        notes->first = note;
    notes->last = note;
    notes->count++;
}

void config_notes_write(const struct config_notes *notes, struct writer *w) {
    for (const struct config_note *n = notes->first; n; n = n->next) {
        if (n->file)
            writer_printf(w, "%s:%u: ", n->file, n->line);
        writer_bytes(w, n->text);
        writer_u8(w, '\n');
    }
}

const char *config_text(struct arena *a, struct slice bytes) {
    struct writer w = writer_to_arena(a);
    text_escape(&w, slice_sub(bytes, 0, 64));
    if (bytes.len > 64)
        writer_str(&w, "...");
    writer_u8(&w, '\0');
    return writer_ok(&w) ? (const char *)writer_slice(&w).ptr : "";
}
