// certificate.c: see certificate.h.
#include "cli/certificate.h"
#include "cred/pki_file.h"

static bool is_rule(struct slice word) {
    return slice_starts(word, SLICE_LITERAL("sha256:")) ||
           slice_starts(word, SLICE_LITERAL("subject:")) ||
           slice_starts(word, SLICE_LITERAL("issuer:"));
}

static enum obol_code add_rule(struct cli *c, struct slice word, struct writer *w,
                               struct error *err) {
    struct slice rule = word, pem;
    if (is_rule(word)) {
        TRY(pki_rule_check(word, err));
    } else {
        TRY(pki_file_read(word, c->arena, &pem, err));
        TRY(pki_rule_of(pem, c->arena, &rule, err));
    }
    ENSURE(!memchr(rule.ptr, '\n', rule.len), INVALID_ARGUMENT, "a rule is one line");
    if (w->len)
        writer_u8(w, '\n');
    writer_bytes(w, rule);
    return OBOL_OK;
}

enum obol_code certificate_attribute(struct cli *c, const struct slice_list *words,
                                     struct record_attribute_list *list, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    if (words->count == 0)
        return OBOL_OK;
    bool none = words->count == 1 && slice_eq_str(words->items[0], "none");
    for (size_t i = 0; i < words->count && !none; i++)
        TRY(add_rule(c, words->items[i], &w, err));
    struct record_attribute *items = arena_zalloc(c->arena, list->count + 1, sizeof *items);
    ENSURE_MEMORY(writer_ok(&w) ? items : NULL);
    for (size_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    items[list->count] = (struct record_attribute){SLICE_LITERAL("certificate"), writer_slice(&w)};
    *list = (struct record_attribute_list){items, list->count + 1};
    return OBOL_OK;
}
