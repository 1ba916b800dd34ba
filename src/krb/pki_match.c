// pki_match.c: rules for certificates in MIT krb5's words (pkinit_cert_match, in krb5.conf and as
// an attribute of a principal): "[&&|||]<SUBJECT>regex<ISSUER>regex<SAN>regex<EKU>list<KU>list",
// where each part may be left out. The names are RFC 2253's text of the certificate, as pki_subject
// has it; a regular expression is POSIX's extended one and may fit anywhere.
#include "krb/pki_internal.h"
#include <openssl/x509v3.h>
#include <regex.h>

enum { PARTS_MAX = 16 };
enum part_kind { PART_SUBJECT, PART_ISSUER, PART_SAN, PART_EKU, PART_KU };
struct part {
    enum part_kind kind;
    struct slice value;
};
struct rule {
    bool any; // one part is enough
    size_t count;
    struct part parts[PARTS_MAX];
};

static const char *const KINDS[] = {
    [PART_SUBJECT] = "<SUBJECT>", [PART_ISSUER] = "<ISSUER>", [PART_SAN] = "<SAN>",
    [PART_EKU] = "<EKU>",         [PART_KU] = "<KU>",
};
struct usage {
    const char *name;
    uint32_t bit;
};
static const struct usage PURPOSES[] = {
    {"pkinit", PKI_PURPOSE_CLIENT},
    {"msScLogin", PKI_PURPOSE_SMARTCARD},
    {"clientAuth", PKI_PURPOSE_CLIENT_AUTH},
    {"emailProtection", PKI_PURPOSE_EMAIL},
    {NULL, 0},
};
static const struct usage USAGES[] = {
    {"digitalSignature", X509v3_KU_DIGITAL_SIGNATURE},
    {"keyEncipherment", X509v3_KU_KEY_ENCIPHERMENT},
    {NULL, 0},
};

// How many bytes of a part's name stand at the beginning; 0: none.
static size_t part_name(struct slice text, enum part_kind *kind) {
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        size_t len = strlen(KINDS[i]);
        if (text.len >= len && slice_eq_nocase(slice_sub(text, 0, len), slice_str(KINDS[i]))) {
            *kind = (enum part_kind)i;
            return len;
        }
    }
    return 0;
}

// A value ends where the next part begins: a "<" of a regular expression stays in it.
static enum obol_code split(struct slice text, struct rule *out, struct error *err) {
    enum part_kind kind = PART_SUBJECT, next;
    *out = (struct rule){.any = slice_starts(text, SLICE_LITERAL("||"))};
    if (out->any || slice_starts(text, SLICE_LITERAL("&&")))
        text = slice_sub(text, 2, text.len);
    ENSURE(text.len, INVALID_ARGUMENT, "a rule for certificates is empty");
    while (text.len) {
        size_t at = part_name(text, &kind), end = at;
        ENSURE(at, INVALID_ARGUMENT,
               "\"%.*s\" begins with none of <SUBJECT>, <ISSUER>, <SAN>, <EKU> and <KU>",
               SLICE_ARG(text));
        ENSURE(out->count < PARTS_MAX, INVALID_ARGUMENT, "a rule has at most %d parts", PARTS_MAX);
        while (end < text.len && !part_name(slice_sub(text, end, text.len), &next))
            end++;
        ENSURE(end > at, INVALID_ARGUMENT, "nothing follows %s", KINDS[kind]);
        out->parts[out->count++] = (struct part){kind, slice_sub(text, at, end - at)};
        text = slice_sub(text, end, text.len);
    }
    return OBOL_OK;
}

static enum obol_code usages(struct slice list, const struct usage *known, uint32_t *out,
                             struct error *err) {
    *out = 0;
    while (list.len) {
        size_t end = slice_find(list, ',');
        struct slice one = slice_sub(list, 0, end);
        const struct usage *u = known;
        while (u->name && !slice_eq_nocase(one, slice_str(u->name)))
            u++;
        ENSURE(u->name, INVALID_ARGUMENT, "\"%.*s\" is no usage of a key that a rule can ask for",
               SLICE_ARG(one));
        *out |= u->bit;
        list = slice_sub(list, end < list.len ? end + 1 : end, list.len);
    }
    return OBOL_OK;
}

static enum obol_code compile(const struct part *part, struct arena *a, regex_t *out,
                              struct error *err) {
    char why[128] = "";
    const char *text = arena_cstr(a, part->value);
    ENSURE_MEMORY(text);
    int code = regcomp(out, text, REG_EXTENDED | REG_NOSUB);
    if (code != 0)
        (void)regerror(code, out, why, sizeof why);
    ENSURE(code == 0, INVALID_ARGUMENT, "\"%s\" is no regular expression: %s", text, why);
    return OBOL_OK;
}

static bool fits(const regex_t *pattern, struct slice text, struct arena *a) {
    const char *s = arena_cstr(a, text);
    return text.len && s && regexec(pattern, s, 0, NULL, 0) == 0;
}

static bool a_name_fits(const regex_t *pattern, struct x509_st *certificate, struct arena *a) {
    struct pki_names names;
    struct error ignored;
    error_init(&ignored);
    if (pki_names_read(certificate, a, &names, &ignored) != OBOL_OK)
        return false;
    for (size_t i = 0; i < names.principal_count; i++)
        if (fits(pattern, principal_text(&names.principals[i], a), a))
            return true;
    for (size_t i = 0; i < names.upns.count; i++)
        if (fits(pattern, names.upns.items[i], a))
            return true;
    return false;
}

static enum obol_code text_holds(const struct part *part, struct x509_st *certificate,
                                 struct arena *a, bool *out, struct error *err) {
    regex_t pattern;
    TRY(compile(part, a, &pattern, err));
    if (certificate && part->kind == PART_SAN)
        *out = a_name_fits(&pattern, certificate, a);
    else if (certificate)
        *out = fits(&pattern,
                    part->kind == PART_SUBJECT ? pki_subject(certificate, a)
                                               : pki_issuer(certificate, a),
                    a);
    regfree(&pattern);
    return OBOL_OK;
}

// A certificate that does not limit its key's usage has all.
static bool has_usages(struct x509_st *certificate, uint32_t wanted) {
    CLEANUP(library_leave) struct library_use use = library_enter();
    return (X509_get_key_usage(certificate) & wanted) == wanted;
}

// All usages of a list must be there.
static enum obol_code part_holds(const struct part *part, struct x509_st *certificate,
                                 struct arena *a, bool *out, struct error *err) {
    uint32_t wanted;
    *out = false;
    if (part->kind == PART_EKU) {
        TRY(usages(part->value, PURPOSES, &wanted, err));
        *out = certificate && (pki_purposes(certificate) & wanted) == wanted;
        return OBOL_OK;
    }
    if (part->kind == PART_KU) {
        TRY(usages(part->value, USAGES, &wanted, err));
        *out = certificate && has_usages(certificate, wanted);
        return OBOL_OK;
    }
    return text_holds(part, certificate, a, out, err);
}

enum obol_code pki_match(struct slice rule, struct x509_st *certificate, struct arena *a, bool *out,
                         struct error *err) {
    struct rule r;
    size_t holding = 0;
    bool holds;
    *out = false;
    TRY(split(rule, &r, err));
    for (size_t i = 0; i < r.count; i++) {
        TRY(part_holds(&r.parts[i], certificate, a, &holds, err));
        holding += holds;
    }
    *out = r.any ? holding > 0 : holding == r.count;
    return OBOL_OK;
}
