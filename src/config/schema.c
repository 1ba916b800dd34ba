// schema.c: values by type, the check of a whole tree, and loading into a struct, all from the rows
// of a schema.
#include "config/schema.h"
#include "config/duration.h"
#include "config/expand.h"
#include "config/nearest.h"
#include "config/schema_internal.h"

// ---- rows

static const struct config_item *find_item(const struct config_schema *schema, struct slice section,
                                           struct slice name) {
    for (size_t i = 0; i < schema->count; i++) {
        const struct config_item *item = &schema->items[i];
        if (slice_eq_str(section, item->section) &&
            (slice_eq_str(name, item->name) || item->name[0] == '*'))
            return item;
    }
    return NULL;
}

// ---- one value

// Where a value stands, for its complaint.
struct place {
    const struct config_item *item;
    const struct profile_node *node; // NULL: the row's default
};

static enum obol_code bad_value(const struct place *at, struct slice value, struct arena *a,
                                const char *expected, const char *nearest, struct error *err) {
    const char *file = at->node ? at->node->file : "(default)";
    unsigned line = at->node ? at->node->line : 0;
    error_set(err, OBOL_CONFIG_SYNTAX, __func__, "%s:%u: `%s` is '%s'; expected %s%s%s%s", file,
              line, at->item->name, config_text(a, value), expected,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    error_fact(err, "file", "%s", file);
    error_fact(err, "line", "%u", line);
    error_fact(err, "key", "%s", at->item->name);
    error_fact(err, "expected", "%s", expected);
    return OBOL_CONFIG_SYNTAX;
}

static enum obol_code take_bool(const struct place *at, struct slice value, struct arena *a,
                                bool *out, struct error *err) {
    if (boolean_parse(value, out))
        return OBOL_OK;
    struct nearest nearest = nearest_of(value);
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        nearest_offer(&nearest, words[i]);
    return bad_value(at, value, a, "true or false", nearest.best, err);
}

static enum obol_code take_choice(const struct place *at, struct slice value, struct arena *a,
                                  int32_t *out, struct error *err) {
    struct slice rest = slice_str(at->item->choices);
    struct nearest nearest = nearest_of(value);
    for (int32_t i = 0; rest.len; i++) {
        size_t end = slice_find(rest, '|');
        struct slice word = slice_sub(rest, 0, end);
        if (slice_eq_nocase(word, value)) {
            *out = i;
            return OBOL_OK;
        }
        const char *text = arena_cstr(a, word);
        ENSURE_MEMORY(text);
        nearest_offer(&nearest, text);
        rest = slice_sub(rest, end + 1, SIZE_MAX);
    }
    // "true" may be written as any word for it where it is a choice.
    bool yes;
    if (slice_starts(slice_str(at->item->choices), SLICE_LITERAL("false|true")) &&
        boolean_parse(value, &yes)) {
        *out = yes;
        return OBOL_OK;
    }
    const char *expected = (const char *)arena_printf(a, "one of %s", at->item->choices).ptr;
    ENSURE_MEMORY(expected);
    return bad_value(at, value, a, expected, nearest.best, err);
}

static enum obol_code take_number(const struct place *at, struct slice value, struct arena *a,
                                  int64_t *out, struct error *err) {
    static const struct {
        bool (*parse)(struct slice, int64_t *);
        const char *what;
    } kinds[] = {
        [CONFIG_INT] = {number_parse, "a number"},
        [CONFIG_DURATION] = {duration_parse, "a duration such as 300, 5m, 10h or 1d 2h"},
        [CONFIG_SIZE] = {size_parse, "a size such as 4096, 64k or 16G"},
    };
    const struct config_item *item = at->item;
    if (!kinds[item->type].parse(value, out))
        return bad_value(at, value, a, kinds[item->type].what, NULL, err);
    bool bounded = item->min != 0 || item->max != 0;
    if (!bounded || (*out >= item->min && *out <= item->max))
        return OBOL_OK;
    const char *expected =
        (const char *)arena_printf(a, "%s from %lld to %lld", kinds[item->type].what,
                                   (long long)item->min, (long long)item->max)
            .ptr;
    ENSURE_MEMORY(expected);
    return bad_value(at, value, a, expected, NULL, err);
}

static enum obol_code take_path(const struct place *at, struct slice value, struct arena *a,
                                struct slice *out, struct error *err) {
    struct slice expanded;
    struct error inner;
    error_init(&inner);
    *out = value;
    // A token without a value here (%{username} of no user) matters when the name is used.
    if (config_expand(value, a, &expanded, &inner) != OBOL_CONFIG_SYNTAX)
        return OBOL_OK;
    struct slice expected = arena_printf(a, "known tokens only: %s", inner.detail);
    ENSURE_MEMORY(expected.ptr);
    return bad_value(at, value, a, (const char *)expected.ptr, NULL, err);
}

// A value that stands alone, checked and put at `out`, which has room for any of the types.
union config_value {
    struct slice text;
    struct slice_list texts;
    struct int32_list numbers;
    int64_t number;
    int32_t choice;
    bool yes;
};

static enum obol_code take_single(const struct place *at, struct slice value, struct arena *a,
                                  union config_value *out, struct error *err) {
    switch (at->item->type) {
    case CONFIG_BOOL:
        return take_bool(at, value, a, &out->yes, err);
    case CONFIG_CHOICE:
        return take_choice(at, value, a, &out->choice, err);
    case CONFIG_INT:
    case CONFIG_DURATION:
    case CONFIG_SIZE:
        return take_number(at, value, a, &out->number, err);
    case CONFIG_ENCTYPES:
        return config_enctypes(value, a, NULL, NULL, 0, &out->numbers, err);
    case CONFIG_PATH:
        return take_path(at, value, a, &out->text, err);
    case CONFIG_STRING:
    case CONFIG_STRINGS:
    case CONFIG_WORDS:
    case CONFIG_REALM:
        out->text = value;
        return OBOL_OK;
    }
    return OBOL_OK;
}

static enum obol_code check_value(const struct place *at, struct slice value, struct arena *a,
                                  struct error *err) {
    union config_value ignored;
    TRY(take_single(at, value, a, &ignored, err));
    if (!at->item->check)
        return OBOL_OK;
    struct error inner;
    error_init(&inner);
    if (at->item->check(value, a, &inner) != OBOL_OK)
        return bad_value(at, value, a, inner.detail, NULL, err);
    return OBOL_OK;
}

// ---- the whole tree

static bool is_prefix_of(struct slice section, const char *pattern) {
    struct slice p = slice_str(pattern);
    return slice_starts(p, section) && p.len > section.len && p.ptr[section.len] == '/';
}

// section_known: a row stands in the section or below it.
static bool section_known(const struct config_schema *schema, struct slice section) {
    for (size_t i = 0; i < schema->count; i++)
        if (slice_eq_str(section, schema->items[i].section) ||
            is_prefix_of(section, schema->items[i].section))
            return true;
    return false;
}

static void note_unknown_section(const struct config_schema *schema, struct profile *p,
                                 const struct profile_node *node) {
    struct nearest nearest = nearest_of(node->name);
    for (size_t i = 0; i < schema->count; i++) {
        struct slice section = slice_str(schema->items[i].section);
        const char *first = arena_cstr(p->arena, slice_sub(section, 0, slice_find(section, '/')));
        if (first)
            nearest_offer(&nearest, first);
    }
    config_note(&p->notes, node->file, node->line, "[%s] is not a section of %s%s%s%s",
                config_text(p->arena, node->name), schema->file,
                nearest.best ? "; did you mean [" : "", nearest.best ? nearest.best : "",
                nearest.best ? "]?" : "");
}

static void note_unknown_key(const struct config_schema *schema, struct profile *p,
                             struct slice section, const struct profile_node *node) {
    struct nearest nearest = nearest_of(node->name);
    for (size_t i = 0; i < schema->count; i++)
        if (slice_eq_str(section, schema->items[i].section))
            nearest_offer(&nearest, schema->items[i].name);
    config_note(&p->notes, node->file, node->line, "`%s` is not a key of [%s]%s%s%s",
                config_text(p->arena, node->name), config_text(p->arena, section),
                nearest.best ? "; did you mean `" : "", nearest.best ? nearest.best : "",
                nearest.best ? "`?" : "");
}

static enum obol_code check_relation(const struct config_schema *schema, struct profile *p,
                                     struct slice section, const struct profile_node *node,
                                     struct error *err) {
    const struct config_item *item = find_item(schema, section, node->name);
    if (!item) {
        note_unknown_key(schema, p, section, node);
        return OBOL_OK;
    }
    if (item->name[0] == '*' && !item->check)
        return OBOL_OK;
    if (item->type == CONFIG_ENCTYPES) {
        struct int32_list ignored;
        return config_enctypes(node->value, p->arena, &p->notes, node->file, node->line, &ignored,
                               err);
    }
    struct place at = {item, node};
    return check_value(&at, node->value, p->arena, err);
}

// check_section looks at the relations of a section, and at subsections two levels down, as deep as
// any schema goes. Below a row "**" anything may stand.
static enum obol_code check_section(const struct config_schema *schema, struct profile *p,
                                    struct slice section, const struct profile_node *node,
                                    struct error *err) {
    for (const struct profile_node *n = node->children; n; n = n->next) {
        if (!n->is_section) {
            TRY(check_relation(schema, p, section, n, err));
            continue;
        }
        struct slice below = arena_printf(p->arena, "%.*s/*", SLICE_ARG(section));
        bool fixed = find_item(schema, section, n->name) != NULL;
        if (!fixed && !section_known(schema, below))
            note_unknown_key(schema, p, section, n);
        if (section_known(schema, below) && node->parent == &p->root)
            TRY(check_section(schema, p, below, n, err));
    }
    return OBOL_OK;
}

enum obol_code config_check(const struct config_schema *schema, struct profile *p,
                            struct error *err) {
    for (const struct profile_node *n = p->root.children; n; n = n->next) {
        if (!section_known(schema, n->name)) {
            note_unknown_section(schema, p, n);
            continue;
        }
        const struct config_item *any = find_item(schema, n->name, SLICE_LITERAL("**"));
        if (!any || any->name[1] != '*')
            TRY(check_section(schema, p, n->name, n, err));
    }
    return OBOL_OK;
}

// ---- loading

static enum obol_code append(struct slice_list *list, size_t *room, struct slice value,
                             struct arena *a, struct error *err) {
    if (list->count == *room) {
        size_t more = *room ? *room * 2 : 4;
        struct slice *bigger = arena_zalloc(a, more, sizeof *bigger);
        ENSURE_MEMORY(bigger);
        if (list->count)
            memcpy(bigger, list->items, list->count * sizeof *bigger);
        list->items = bigger;
        *room = more;
    }
    list->items[list->count++] = value;
    return OBOL_OK;
}

struct slice config_next_word(struct slice *text) {
    size_t start = 0, end;
    while (start < text->len && (text->ptr[start] <= ' ' || text->ptr[start] == ','))
        start++;
    for (end = start; end < text->len && text->ptr[end] > ' ' && text->ptr[end] != ',';)
        end++;
    struct slice word = slice_sub(*text, start, end - start);
    *text = slice_sub(*text, end, SIZE_MAX);
    return word;
}

enum obol_code config_list(const struct profile_node *first, bool words, struct arena *a,
                           struct slice_list *out, struct error *err) {
    size_t room = 0;
    *out = (struct slice_list){0};
    for (const struct profile_node *n = first; n; n = profile_next(n)) {
        struct slice rest = n->value;
        if (!words) {
            TRY(append(out, &room, rest, a, err));
            continue;
        }
        for (struct slice word = config_next_word(&rest); word.len; word = config_next_word(&rest))
            TRY(append(out, &room, word, a, err));
    }
    return OBOL_OK;
}

static size_t size_of(enum config_type type) {
    switch (type) {
    case CONFIG_STRINGS:
    case CONFIG_WORDS:
        return sizeof(struct slice_list);
    case CONFIG_BOOL:
        return sizeof(bool);
    case CONFIG_INT:
    case CONFIG_DURATION:
    case CONFIG_SIZE:
        return sizeof(int64_t);
    case CONFIG_ENCTYPES:
        return sizeof(struct int32_list);
    case CONFIG_CHOICE:
        return sizeof(int32_t);
    case CONFIG_STRING:
    case CONFIG_PATH:
    case CONFIG_REALM:
        break;
    }
    return sizeof(struct slice);
}

static enum obol_code load_item(const struct config_item *item, const struct profile_node *section,
                                struct arena *a, uint8_t *out, struct error *err) {
    const struct profile_node *node = profile_first(section, slice_str(item->name));
    struct profile_node fallback = {.value = slice_str(item->fallback)};
    const struct profile_node *from = node ? node : item->fallback ? &fallback : NULL;
    if (!from)
        return OBOL_OK;
    struct place at = {item, node};
    union config_value value;
    bool list = item->type == CONFIG_STRINGS || item->type == CONFIG_WORDS;
    if (list)
        TRY(config_list(from, item->type == CONFIG_WORDS, a, &value.texts, err));
    else
        TRY(take_single(&at, from->value, a, &value, err));
    memcpy(out + item->offset, &value, size_of(item->type));
    return OBOL_OK;
}

enum obol_code config_load(const struct config_schema *schema, const char *section,
                           const struct profile_node *node, struct arena *a, void *out,
                           struct error *err) {
    for (size_t i = 0; i < schema->count; i++) {
        const struct config_item *item = &schema->items[i];
        if (item->offset != CONFIG_NOWHERE && slice_eq_str(slice_str(section), item->section))
            TRY(load_item(item, node, a, out, err));
    }
    return OBOL_OK;
}
