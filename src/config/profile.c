// profile.c: the line parser and the tree; files and includes are in profile_file.c. The rules are
// those of MIT's krb5.conf(5) and of what its parser does.
#include "config/profile.h"
#include "config/profile_internal.h"

#define NODES_MAX    200000 // of a tree
#define SECTIONS_MAX 10000  // in one section; they are searched one by one
#define FINALS_MAX   1000

void profile_init(struct profile *p, struct arena *a) {
    *p = (struct profile){.arena = a, .notes = {.arena = a}};
    p->root.is_section = true;
}

// ---- the tree

static const struct profile_node *find(const struct profile_node *from, struct slice name,
                                       bool section) {
    for (const struct profile_node *n = from; n; n = n->next)
        if (n->is_section == section && slice_eq(n->name, name))
            return n;
    return NULL;
}

const struct profile_node *profile_section(const struct profile *p,
                                           const struct profile_node *parent, struct slice name) {
    return find((parent ? parent : &p->root)->children, name, true);
}

const struct profile_node *profile_first(const struct profile_node *section, struct slice name) {
    return section ? find(section->children, name, false) : NULL;
}

const struct profile_node *profile_next(const struct profile_node *relation) {
    return find(relation->next, relation->name, false);
}

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return profile_mistake(parse, err, __VA_ARGS__);                                       \
    } while (0)

static enum obol_code add_node(struct profile_parse *parse, struct profile_node *parent,
                               struct profile_node node, struct profile_node **out,
                               struct error *err) {
    struct profile *p = parse->profile;
    struct profile_node *n = arena_alloc(p->arena, sizeof *n);
    ENSURE_MEMORY(n);
    EXPECT(++p->nodes <= NODES_MAX, "no more than %d lines in all", NODES_MAX);
    *n = node;
    n->parent = parent;
    n->file = parse->file;
    n->line = parse->line;
    if (parent->last_child)
        parent->last_child->next = n;
    else
        parent->children = n;
    parent->last_child = n;
    *out = n;
    return OBOL_OK;
}

// A section that stood there before is opened again.
static enum obol_code open_section(struct profile_parse *parse, struct profile_node *parent,
                                   struct slice name, struct profile_node **out,
                                   struct error *err) {
    *out = (struct profile_node *)(uintptr_t)find(parent->children, name, true);
    if (*out)
        return OBOL_OK;
    EXPECT(++parent->sections <= SECTIONS_MAX, "no more than %d subsections", SECTIONS_MAX);
    struct slice kept;
    ENSURE(arena_copy(parse->profile->arena, name, &kept), NO_MEMORY, "the configuration is large");
    return add_node(parse, parent, (struct profile_node){.name = kept, .is_section = true}, out,
                    err);
}

static enum obol_code add_relation(struct profile_parse *parse, struct slice name,
                                   struct slice value, bool final, struct error *err) {
    struct profile_node *section = parse->section, *node;
    if (section->finals)
        for (const struct profile_node *n = section->children; n; n = n->next)
            if (n->final && !n->is_section && slice_eq(n->name, name))
                return OBOL_OK;
    if (final)
        EXPECT(++section->finals <= FINALS_MAX, "no more than %d final keys", FINALS_MAX);
    struct arena *a = parse->profile->arena;
    struct profile_node new = {.final = final};
    ENSURE(arena_copy(a, name, &new.name) && arena_copy(a, value, &new.value), NO_MEMORY,
           "the configuration is large");
    return add_node(parse, section, new, &node, err);
}

// ---- lines

static bool is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum obol_code section_line(struct profile_parse *parse, struct slice line,
                                   struct error *err) {
    EXPECT(parse->depth <= 1, "a '}' that closes the braces of line %u before the next [section]",
           parse->section ? parse->section->line : 0);
    size_t end = slice_find(line, ']');
    EXPECT(end < line.len, "']' behind the section's name");
    struct slice behind = slice_trim(slice_sub(line, end + 1, SIZE_MAX));
    bool final = behind.len && behind.ptr[0] == '*';
    struct slice name = slice_sub(line, 1, end - 1);
    EXPECT(behind.len == (size_t) final, "nothing behind [%s] but '*'",
           config_text(parse->profile->arena, name));
    TRY(open_section(parse, &parse->profile->root, name, &parse->section, err));
    parse->depth = 1;
    // A section that was marked final before takes nothing more.
    parse->discard = parse->section->final ? 1 : 0;
    parse->section->final |= final;
    return OBOL_OK;
}

static enum obol_code close_brace(struct profile_parse *parse, struct slice line,
                                  struct error *err) {
    EXPECT(parse->section && parse->depth >= 2, "no '}' here: no brace is open");
    if (line.len > 1 && line.ptr[1] == '*' && !parse->discard)
        parse->section->final = true;
    parse->depth--;
    if (parse->depth < parse->discard) {
        parse->discard = 0; // the section being left was never entered
        return OBOL_OK;
    }
    if (!parse->discard)
        parse->section = parse->section->parent;
    return OBOL_OK;
}

static enum obol_code open_brace(struct profile_parse *parse, struct slice name, bool final,
                                 struct error *err) {
    EXPECT(parse->depth < PROFILE_DEPTH_MAX, "no more than %d braces within each other",
           PROFILE_DEPTH_MAX);
    parse->depth++;
    if (parse->discard)
        return OBOL_OK;
    struct profile_node *section;
    TRY(open_section(parse, parse->section, name, &section, err));
    if (section->final) {
        parse->discard = parse->depth;
        return OBOL_OK;
    }
    section->final = final;
    parse->section = section;
    return OBOL_OK;
}

// A quoted value ends at the next quote; \n, \t and \b stand for themselves, \x for x.
static enum obol_code unquote(struct profile_parse *parse, struct slice text, struct slice *out,
                              struct error *err) {
    struct buf room = arena_buf(parse->profile->arena, text.len);
    ENSURE_MEMORY(room.ptr);
    size_t n = 0, i = 1;
    for (; i < text.len && text.ptr[i] != '"'; i++) {
        uint8_t c = text.ptr[i];
        if (c == '\\' && i + 1 < text.len) {
            c = text.ptr[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
        }
        room.ptr[n++] = c;
    }
    if (i == text.len)
        profile_note(parse, "the value lacks its closing '\"'");
    *out = slice_of(room.ptr, n);
    return OBOL_OK;
}

// MIT's parser takes a comment behind a value for a part of it. So do we, but we say so.
static void note_comment(struct profile_parse *parse, struct slice name, struct slice value) {
    for (size_t i = 1; i < value.len; i++)
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && is_space(value.ptr[i - 1])) {
            profile_note(parse,
                         "what stands behind '%c' is part of the value of `%s`: comments stand on "
                         "lines of their own",
                         value.ptr[i], config_text(parse->profile->arena, name));
            return;
        }
}

static enum obol_code relation_line(struct profile_parse *parse, struct slice line,
                                    struct error *err) {
    size_t equals = slice_find(line, '=');
    EXPECT(equals < line.len && equals > 0, "`name = value`, found '%s'",
           config_text(parse->profile->arena, line));
    struct slice name = slice_trim(slice_sub(line, 0, equals));
    struct slice value = slice_trim(slice_sub(line, equals + 1, SIZE_MAX));
    for (size_t i = 0; i < name.len; i++)
        EXPECT(!is_space(name.ptr[i]), "one word before '=', found '%s'",
               config_text(parse->profile->arena, name));
    size_t star = slice_find(name, '*');
    bool final = star < name.len;
    name.len = star;
    bool brace = value.len == 1 && value.ptr[0] == '{';
    parse->want_brace = value.len == 0;
    if (brace || parse->want_brace)
        return open_brace(parse, name, final, err);
    if (parse->discard)
        return OBOL_OK;
    if (value.ptr[0] == '"')
        TRY(unquote(parse, value, &value, err));
    else
        note_comment(parse, name, value);
    return add_relation(parse, name, value, final, err);
}

static const struct slice INCLUDES[] = {SLICE_LITERAL("include"), SLICE_LITERAL("includedir")};

static bool is_include(struct slice line, size_t which) {
    struct slice word = INCLUDES[which];
    return slice_starts(line, word) && line.len > word.len && is_space(line.ptr[word.len]);
}

// include_line follows `include` and `includedir`; *done says whether the line was one.
static enum obol_code include_line(struct profile_parse *parse, struct slice line, bool *done,
                                   struct error *err) {
    *done = false;
    for (size_t i = 0; i < COUNT_OF(INCLUDES); i++) {
        // As MIT does: an `include` behind spaces is a key like any other.
        struct slice text = slice_trim(line);
        EXPECT(line.ptr == text.ptr || !is_include(text, i) || slice_find(text, '=') < text.len,
               "`%s` at the very beginning of the line, found spaces before it",
               (const char *)INCLUDES[i].ptr);
        if (!is_include(line, i))
            continue;
        *done = true;
        struct slice path = slice_trim(slice_sub(line, INCLUDES[i].len, SIZE_MAX));
        EXPECT(path.len > 0, "a file name behind `%s`", (const char *)INCLUDES[i].ptr);
        if (parse->follow)
            return profile_include(parse, path, i == 1, err);
    }
    return OBOL_OK;
}

static enum obol_code line_in_state(struct profile_parse *parse, struct slice line,
                                    struct error *err) {
    bool done;
    TRY(include_line(parse, line, &done, err));
    struct slice text = slice_trim(line);
    if (done)
        return OBOL_OK;
    if (parse->want_brace) {
        EXPECT(text.len && text.ptr[0] == '{', "'{' or a value behind the '=' of the line before");
        parse->want_brace = false;
        return OBOL_OK;
    }
    if (!parse->section) {
        if (slice_starts(line, SLICE_LITERAL("module ")))
            profile_note(parse, "`module` lines are not supported; this one is left out");
        // All before the first section is a comment.
        if (line.len == 0 || line.ptr[0] != '[')
            return OBOL_OK;
    }
    if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';')
        return OBOL_OK;
    if (text.ptr[0] == '[')
        return section_line(parse, text, err);
    if (text.ptr[0] == '}')
        return close_brace(parse, text, err);
    return relation_line(parse, text, err);
}

enum obol_code profile_parse_lines(struct profile_parse *parse, struct slice text,
                                   struct error *err) {
    EXPECT(slice_find(text, 0) == text.len, "text; the file holds NUL bytes");
    while (text.len) {
        parse->line++;
        size_t end = slice_find(text, '\n');
        TRY(line_in_state(parse, slice_sub(text, 0, end), err));
        text = slice_sub(text, end + 1, SIZE_MAX);
    }
    // As MIT does: what was open is closed by the end of the file; a last line "name =", too, which
    // says nothing.
    if (parse->want_brace)
        profile_note(parse, "there is neither a value nor '{' behind the '='");
    else if (parse->depth > 1)
        profile_note(parse, "the '{' of line %u is never closed", parse->section->line);
    return OBOL_OK;
}

// ---- back to text

static void write_value(struct writer *w, struct slice value) {
    bool quote = value.len == 0 || is_space(value.ptr[0]) || is_space(value.ptr[value.len - 1]) ||
                 value.ptr[0] == '"' || value.ptr[0] == '{' ||
                 slice_find(value, '\n') < value.len || slice_find(value, '\b') < value.len;
    if (!quote) {
        writer_bytes(w, value);
        return;
    }
    writer_u8(w, '"');
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        uint8_t letter = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\b' ? 'b' : c;
        if (letter != c || c == '"' || c == '\\')
            writer_u8(w, '\\');
        writer_u8(w, letter);
    }
    writer_u8(w, '"');
}

static void indent(struct writer *w, unsigned depth) {
    for (unsigned i = 0; i < depth; i++)
        writer_str(w, "    ");
}

// Walks without recursion: the parent pointers lead back.
void profile_write(const struct profile *p, struct writer *w) {
    unsigned depth = 0;
    const struct profile_node *n = p->root.children;
    while (n) {
        const char *star = n->final ? "*" : "";
        indent(w, depth);
        if (!n->is_section) {
            writer_bytes(w, n->name);
            writer_printf(w, "%s = ", star);
            write_value(w, n->value);
            writer_u8(w, '\n');
        } else if (depth == 0) {
            writer_printf(w, "[%.*s]%s\n", SLICE_ARG(n->name), star);
        } else {
            writer_printf(w, "%.*s = {\n", SLICE_ARG(n->name));
        }
        if (n->is_section && n->children) {
            n = n->children;
            depth++;
            continue;
        }
        for (bool ended = n->is_section; n; ended = true) {
            if (ended && depth > 0) {
                indent(w, depth);
                writer_printf(w, "}%s\n", n->final ? "*" : "");
            }
            if (n->next)
                break;
            n = n->parent == &p->root ? NULL : n->parent;
            depth -= depth > 0;
        }
        n = n ? n->next : NULL;
    }
}
