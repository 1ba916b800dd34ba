// acl_parse.c: the reader of an access list (acl.h): lines of words; # begins a comment, a
// backslash at the end of a line continues it.
#include "admin/acl.h"
#include "config/duration.h"
#include "proto/codes.h"
#include "store/files.h"

struct source {
    struct slice rest;
    unsigned line; // of what was read last, from 1
    size_t column; // of the word that was read last, from 1
    struct slice text;
    bool commas; // are blanks
};

// Restrictions may have commas between them.
static bool is_space(const struct source *s, uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || (c == ',' && s->commas);
}

// The next word of the line; empty at its end, a continuation is passed over.
static struct slice next_word(struct source *s) {
    for (;;) {
        while (s->rest.len && is_space(s, s->rest.ptr[0]))
            s->rest = slice_sub(s->rest, 1, s->rest.len);
        if (s->rest.len < 2 || s->rest.ptr[0] != '\\' || s->rest.ptr[1] != '\n')
            break;
        s->rest = slice_sub(s->rest, 2, s->rest.len);
        s->text = s->rest;
        s->line++;
    }
    size_t end = 0;
    s->column = (size_t)(s->text.len - s->rest.len) + 1;
    while (end < s->rest.len && !is_space(s, s->rest.ptr[end]) && s->rest.ptr[end] != '\n')
        end++;
    // A backslash that ends the line is not part of the word before it.
    if (end && end < s->rest.len && s->rest.ptr[end] == '\n' && s->rest.ptr[end - 1] == '\\')
        end--;
    struct slice word = slice_sub(s->rest, 0, end);
    s->rest = slice_sub(s->rest, end, s->rest.len);
    return word;
}

static enum obol_code read_name(struct slice word, struct slice realm, struct arena *a, bool *any,
                                struct principal *out, struct error *err) {
    *any = slice_eq_str(word, "*");
    if (*any)
        return OBOL_OK;
    return principal_parse(word, realm, NT_UNKNOWN, a, out, err);
}

static enum obol_code read_privileges(struct slice word, uint32_t *out, struct error *err) {
    static const char letters[] = "acdeilmps";
    static const enum acl_privilege bits[] = {ACL_ADD,     ACL_CHANGE_PASSWORD, ACL_DELETE,
                                              ACL_EXTRACT, ACL_INQUIRE,         ACL_LIST,
                                              ACL_MODIFY,  ACL_PROPAGATE,       ACL_SET_KEY};
    uint32_t all = 0;
    for (size_t i = 0; i < COUNT_OF(bits); i++)
        all |= bits[i] == ACL_EXTRACT ? 0 : (uint32_t)bits[i];
    *out = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.ptr[i], lower = (uint8_t)(c | 0x20);
        const char *found = c == '*' ? NULL : memchr(letters, lower, sizeof letters - 1);
        uint32_t bit = found ? (uint32_t)bits[found - letters] : c == '*' || lower == 'x' ? all : 0;
        ENSURE(bit, CONFIG_SYNTAX, "there is no privilege '%c' (they are acdeilmpsx*)",
               c > ' ' && c < 0x7f ? c : '?');
        // A capital takes away: of X, everything.
        *out = c >= 'A' && c <= 'Z' ? *out & ~bit : *out | bit;
    }
    return OBOL_OK;
}

static enum obol_code read_length(struct source *s, const char *what, int64_t *out,
                                  struct error *err) {
    struct slice word = next_word(s);
    bool quoted = word.len && word.ptr[0] == '"';
    // "1 day" may stand in quotes.
    if (quoted) {
        size_t room = slice_find(slice_sub(s->rest, 0, s->rest.len), '"');
        struct slice line = slice_sub(s->rest, 0, slice_find(s->rest, '\n'));
        bool closed = word.len > 1 && word.ptr[word.len - 1] == '"';
        ENSURE(closed || room < line.len, CONFIG_SYNTAX, "%s: a quote is not closed", what);
        if (!closed) {
            word.len += room + 1;
            s->rest = slice_sub(s->rest, room + 1, s->rest.len);
        }
        word = slice_sub(word, 1, word.len - 2);
    }
    ENSURE(duration_parse(word, out), CONFIG_SYNTAX, "%s: \"%.*s\" is no length of time", what,
           SLICE_ARG(word));
    return OBOL_OK;
}

static enum obol_code read_restriction(struct source *s, struct slice word,
                                       struct acl_restrictions *r, struct error *err) {
    static const struct {
        const char *name;
        uint32_t present;
        size_t offset;
    } lengths[] = {
        {"-expire", ACL_EXPIRE, offsetof(struct acl_restrictions, expire)},
        {"-pwexpire", ACL_PASSWORD_EXPIRE, offsetof(struct acl_restrictions, password_expire)},
        {"-maxlife", ACL_MAX_LIFE, offsetof(struct acl_restrictions, max_life)},
        {"-maxrenewlife", ACL_MAX_RENEW, offsetof(struct acl_restrictions, max_renew)},
    };
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        if (slice_eq_str(word, lengths[i].name)) {
            r->present |= lengths[i].present;
            return read_length(s, lengths[i].name, (int64_t *)((uint8_t *)r + lengths[i].offset),
                               err);
        }
    if (slice_eq_str(word, "-clearpolicy")) {
        r->present |= ACL_CLEAR_POLICY;
        return OBOL_OK;
    }
    if (slice_eq_str(word, "-policy")) {
        r->policy = next_word(s);
        ENSURE(r->policy.len, CONFIG_SYNTAX, "-policy needs a name");
        r->present |= ACL_SET_POLICY;
        return OBOL_OK;
    }
    ENSURE(admin_flag_word(word, &r->set_flags, &r->clear_flags), CONFIG_SYNTAX,
           "there is no restriction \"%.*s\"", SLICE_ARG(word));
    return OBOL_OK;
}

static enum obol_code read_entry(struct source *s, struct slice first, struct slice realm,
                                 struct arena *a, struct acl_entry *e, struct error *err) {
    struct slice word;
    TRY(read_name(first, realm, a, &e->any_client, &e->client, err));
    word = next_word(s);
    ENSURE(word.len, CONFIG_SYNTAX, "the line ends where privileges are expected");
    TRY(read_privileges(word, &e->allowed, err));
    word = next_word(s);
    e->any_target = true;
    if (word.len)
        TRY(read_name(word, realm, a, &e->any_target, &e->target, err));
    s->commas = true;
    while (word.len && (word = next_word(s)).len) {
        e->restricted = true;
        TRY(read_restriction(s, word, &e->restrictions, err));
    }
    return OBOL_OK;
}

static enum obol_code read_lines(struct source *s, struct slice realm, struct arena *a,
                                 struct acl *out, struct error *err) {
    struct acl_entry **end = &out->first;
    while (s->rest.len) {
        s->text = s->rest;
        s->line++;
        s->commas = false;
        struct slice word = next_word(s);
        if (word.len && word.ptr[0] != '#') {
            struct acl_entry *e = arena_zalloc(a, 1, sizeof *e);
            ENSURE_MEMORY(e);
            TRY(read_entry(s, word, realm, a, e, err));
            *end = e;
            end = &e->next;
        }
        s->rest = slice_sub(s->rest, slice_find(s->rest, '\n') + 1, s->rest.len);
    }
    return OBOL_OK;
}

enum obol_code acl_parse(struct slice text, struct slice realm, struct arena *a, struct acl *out,
                         struct error *err) {
    struct source s = {.rest = text, .text = text};
    struct error why;
    error_init(&why);
    *out = (struct acl){0};
    enum obol_code code = read_lines(&s, realm, a, out, &why);
    if (code == OBOL_OK)
        return OBOL_OK;
    *out = (struct acl){0};
    error_fact(err, "line", "%u", s.line);
    error_fact(err, "column", "%zu", s.column);
    return error_set(err, code == OBOL_NO_MEMORY ? code : OBOL_CONFIG_SYNTAX, __func__,
                     "the access list: %s", why.detail);
}

enum obol_code acl_load(const struct admin *adm, struct arena *a, struct acl *out,
                        struct error *err) {
    struct slice map, text;
    *out = (struct acl){0};
    if (!adm->acl_file || !files_exists(adm->acl_file))
        return OBOL_OK;
    TRY(files_map(adm->acl_file, &map, err));
    bool copied = arena_copy(a, map, &text);
    files_unmap(map);
    ENSURE(copied, NO_MEMORY, "no memory for %s", adm->acl_file);
    enum obol_code code = acl_parse(text, adm->realm, a, out, err);
    if (code != OBOL_OK)
        error_fact(err, "file", "%s", adm->acl_file);
    return code;
}
