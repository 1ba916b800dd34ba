// enctypes.c: lists of enctypes as krb5.conf and kdc.conf write them.
#include "config/nearest.h"
#include "config/schema_internal.h"
#include "crypto/crypto.h"
#include "proto/codes.h"

#define ENCTYPES_MAX 16 // that are implemented, with room

// What stands for several enctypes; the order within a family is that of strength.
static const struct family {
    const char *name;
    int32_t members[5];
} FAMILIES[] = {
    {"aes",
     {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA256, ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, 0}},
    {"aes-sha2", {ENCTYPE_AES256_SHA384, ENCTYPE_AES128_SHA256, 0}},
    {"aes-sha1", {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1, 0}},
    {"camellia", {ENCTYPE_CAMELLIA256, ENCTYPE_CAMELLIA128, 0}},
    {"rc4", {ENCTYPE_RC4_HMAC, 0}},
};
// Families and names of the past, which files still hold: they add and take away nothing.
static const char *const GONE[] = {
    "des",           "des3",           "des-cbc-crc",  "des-cbc-md5",      "des-cbc-md4",
    "des-hmac-sha1", "des3-hmac-sha1", "rc4-hmac-exp", "arcfour-hmac-exp", "des3-cbc-sha1"};

struct set {
    int32_t items[ENCTYPES_MAX];
    size_t count;
};

static void change(struct set *set, int32_t etype, bool remove) {
    size_t at = 0;
    while (at < set->count && set->items[at] != etype)
        at++;
    if (!remove && at == set->count && set->count < ENCTYPES_MAX)
        set->items[set->count++] = etype;
    if (!remove || at == set->count)
        return;
    memmove(&set->items[at], &set->items[at + 1], (set->count - at - 1) * sizeof set->items[0]);
    set->count--;
}

static bool change_default(struct set *set, struct slice word, bool remove) {
    if (!slice_eq_nocase(word, SLICE_LITERAL("DEFAULT")))
        return false;
    for (size_t i = 0; enctype_at(i); i++)
        if (!enctype_is_weak(enctype_at(i)))
            change(set, enctype_number(enctype_at(i)), remove);
    return true;
}

static bool change_family(struct set *set, struct slice word, bool remove) {
    for (size_t i = 0; i < COUNT_OF(FAMILIES); i++) {
        if (!slice_eq_nocase(word, slice_str(FAMILIES[i].name)))
            continue;
        for (const int32_t *m = FAMILIES[i].members; *m; m++)
            change(set, *m, remove);
        return true;
    }
    return false;
}

static bool is_gone(struct slice word) {
    for (size_t i = 0; i < COUNT_OF(GONE); i++)
        if (slice_eq_nocase(word, slice_str(GONE[i])))
            return true;
    return code_find_name(&CODES_ENCTYPE, word) != NULL;
}

static void note_unknown(struct config_notes *notes, const char *file, unsigned line,
                         struct slice word) {
    struct nearest nearest = nearest_of(word);
    for (size_t i = 0; enctype_at(i); i++)
        nearest_offer(&nearest, enctype_name(enctype_at(i)));
    for (size_t i = 0; i < COUNT_OF(FAMILIES); i++)
        nearest_offer(&nearest, FAMILIES[i].name);
    config_note(notes, file, line, "'%.*s' is not an enctype%s%s%s", SLICE_ARG(word),
                nearest.best ? "; did you mean '" : "", nearest.best ? nearest.best : "",
                nearest.best ? "'?" : "");
}

enum obol_code config_enctypes(struct slice text, struct arena *a, struct config_notes *notes,
                               const char *file, unsigned line, struct int32_list *out,
                               struct error *err) {
    struct set set = {.count = 0};
    for (struct slice word = config_next_word(&text); word.len; word = config_next_word(&text)) {
        bool remove = word.ptr[0] == '-';
        if (remove || word.ptr[0] == '+')
            word = slice_sub(word, 1, SIZE_MAX);
        // In supported_enctypes a salt type may follow, "aes256-cts:normal": ours is always normal.
        word = slice_sub(word, 0, slice_find(word, ':'));
        const struct enctype *e = enctype_by_name(word);
        if (e)
            change(&set, enctype_number(e), remove);
        else if (!change_default(&set, word, remove) && !change_family(&set, word, remove) &&
                 notes && !is_gone(word))
            note_unknown(notes, file, line, word);
    }
    int32_t *items = arena_zalloc(a, set.count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    memcpy(items, set.items, set.count * sizeof *items);
    *out = (struct int32_list){items, set.count};
    return OBOL_OK;
}
