// account.c: principals and local accounts. The rules of auth_to_local are those of krb5.conf(5):
//
//     RULE:[2:$1;$2@$0](^.*;admin@EXAMPLE\.COM$)s/;admin//
//
// The bracket makes a text of a name with that many components ($0 is the realm), the regular
// expression in parentheses must match the whole text, and each s/// rewrites it.
#include "cred/account.h"
#include "config/duration.h"
#include <errno.h>
#include <pwd.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TEXT_MAX       1024u
#define LINE_MAX_BYTES 2048

// The text of a rule, cut piece by piece.
static bool take(struct slice *rule, uint8_t ch) {
    if (rule->len == 0 || rule->ptr[0] != ch)
        return false;
    *rule = slice_sub(*rule, 1, SIZE_MAX);
    return true;
}

static struct slice take_to(struct slice *rule, uint8_t end, bool *found) {
    size_t at = slice_find(*rule, end);
    struct slice part = slice_sub(*rule, 0, at);
    *found = at < rule->len;
    *rule = slice_sub(*rule, at + 1, SIZE_MAX);
    return part;
}

// "[2:$1;$2@$0]": false if the name has another number of components.
static enum obol_code rule_text(struct slice *rule, const struct principal *p, struct writer *w,
                                bool *applies, struct error *err) {
    struct slice whole = *rule, number_text, format;
    int64_t number;
    bool colon, bracket;
    *applies = true;
    if (!take(rule, '[')) {
        principal_write(w, p);
        return OBOL_OK;
    }
    number_text = take_to(rule, ':', &colon);
    format = take_to(rule, ']', &bracket);
    ENSURE(colon && bracket && number_parse(number_text, &number) && number >= 0, CONFIG_SYNTAX,
           "auth_to_local: \"%.*s\" does not begin as [2:$1] does", SLICE_ARG(whole));
    *applies = (size_t)number == p->name.name_string.count;
    for (size_t i = 0; *applies && i < format.len; i++) {
        bool variable = format.ptr[i] == '$' && i + 1 < format.len && format.ptr[i + 1] >= '0' &&
                        format.ptr[i + 1] <= '9';
        if (!variable) {
            writer_u8(w, format.ptr[i]);
            continue;
        }
        size_t n = (size_t)(format.ptr[++i] - '0');
        ENSURE(n <= p->name.name_string.count, CONFIG_SYNTAX,
               "auth_to_local: \"%.*s\" asks for component %zu", SLICE_ARG(whole), n);
        writer_bytes(w, n ? p->name.name_string.items[n - 1] : p->realm);
    }
    return OBOL_OK;
}

// "(regular expression)": parentheses may stand inside it.
static enum obol_code rule_matches(struct slice *rule, const char *text, struct arena *a,
                                   bool *matches, struct error *err) {
    *matches = true;
    if (!take(rule, '('))
        return OBOL_OK;
    size_t depth = 1, end = 0;
    for (; end < rule->len && depth; end++)
        depth += (rule->ptr[end] == '(') - (size_t)(rule->ptr[end] == ')');
    ENSURE(depth == 0, CONFIG_SYNTAX, "auth_to_local: a ')' is missing");
    const char *pattern = arena_cstr(a, slice_sub(*rule, 0, end - 1));
    *rule = slice_sub(*rule, end, SIZE_MAX);
    regex_t regex;
    regmatch_t at;
    ENSURE(pattern && regcomp(&regex, pattern, REG_EXTENDED) == 0, CONFIG_SYNTAX,
           "auth_to_local: a regular expression is malformed");
    *matches = regexec(&regex, text, 1, &at, 0) == 0 && at.rm_so == 0 && text[at.rm_eo] == '\0';
    regfree(&regex);
    return OBOL_OK;
}

// One s/pattern/replacement/ or s/.../.../g on *text.
static enum obol_code substitute(struct slice *rule, struct arena *a, const char **text,
                                 struct error *err) {
    bool first, second;
    ENSURE(take(rule, 's') && take(rule, '/'), CONFIG_SYNTAX,
           "auth_to_local: \"%.*s\" is no s/pattern/replacement/", SLICE_ARG(*rule));
    struct slice pattern = take_to(rule, '/', &first), replacement = take_to(rule, '/', &second);
    bool all = take(rule, 'g');
    const char *compiled = arena_cstr(a, pattern);
    regex_t regex;
    regmatch_t at;
    ENSURE(first && second && pattern.len && compiled &&
               regcomp(&regex, compiled, REG_EXTENDED) == 0,
           CONFIG_SYNTAX, "auth_to_local: the pattern of a substitution is malformed");
    struct writer w = writer_to_arena(a);
    const char *rest = *text;
    while (*rest && regexec(&regex, rest, 1, &at, rest == *text ? 0 : REG_NOTBOL) == 0) {
        writer_bytes(&w, slice_of(rest, (size_t)at.rm_so));
        writer_bytes(&w, replacement);
        if (at.rm_eo == at.rm_so && rest[at.rm_eo]) // an empty match: go on by a byte
            writer_u8(&w, (uint8_t)rest[at.rm_eo++]);
        rest += at.rm_eo;
        if (!all)
            break;
    }
    regfree(&regex);
    writer_str(&w, rest);
    writer_u8(&w, '\0');
    ENSURE(writer_ok(&w) && w.len <= TEXT_MAX, CONFIG_SYNTAX,
           "auth_to_local: a substitution makes too long a text");
    *text = (const char *)writer_slice(&w).ptr;
    return OBOL_OK;
}

static enum obol_code apply_rule(struct slice rule, const struct principal *p, struct arena *a,
                                 struct slice *out, bool *applies, struct error *err) {
    struct writer w = writer_to_arena(a);
    TRY(rule_text(&rule, p, &w, applies, err));
    ENSURE(writer_ok(&w), NO_MEMORY, "the request's memory is used up");
    if (!*applies)
        return OBOL_OK;
    const char *text = arena_cstr(a, writer_slice(&w));
    if (!text) { // a NUL in the name: no account has one
        *applies = false;
        return OBOL_OK;
    }
    TRY(rule_matches(&rule, text, a, applies, err));
    while (*applies && slice_trim(rule).len)
        TRY(substitute(&rule, a, &text, err));
    *out = slice_str(text);
    return OBOL_OK;
}

static bool same_name(const struct principal *p, struct slice default_realm, struct slice *out) {
    if (p->name.name_string.count != 1 || !slice_eq(p->realm, default_realm))
        return false;
    *out = p->name.name_string.items[0];
    return true;
}

// A name that could be read as a path or as several names is no account's.
static bool account_is_sane(struct slice s) {
    return s.len && slice_find(s, 0) == s.len && slice_find(s, '/') == s.len;
}

enum obol_code account_of(const struct krb5conf *conf, struct slice default_realm,
                          const struct principal *p, struct arena *a, struct slice *out,
                          struct error *err) {
    static const struct slice prefix = {(const uint8_t *)"RULE:", 5};
    const struct krb5conf_realm *realm = krb5conf_realm(conf, default_realm);
    bool found = false;
    if (!realm || realm->auth_to_local.count == 0)
        found = same_name(p, default_realm, out);
    for (size_t i = 0; realm && !found && i < realm->auth_to_local.count; i++) {
        struct slice rule = slice_trim(realm->auth_to_local.items[i]);
        if (slice_eq_str(rule, "DEFAULT")) {
            found = same_name(p, default_realm, out);
            continue;
        }
        ENSURE(slice_starts(rule, prefix), CONFIG_SYNTAX,
               "auth_to_local: \"%.*s\" is neither RULE:... nor DEFAULT", SLICE_ARG(rule));
        TRY(apply_rule(slice_sub(rule, prefix.len, SIZE_MAX), p, a, out, &found, err));
    }
    ENSURE(found && account_is_sane(*out), NOT_FOUND, "%.*s has no local account",
           SLICE_ARG(principal_text(p, a)));
    return OBOL_OK;
}

// What ~/.k5login says: 1 yes, 0 no, -1 there is none.
static int k5login_says(const struct passwd *account, struct slice principal) {
    char *path = NULL;
    if (asprintf(&path, "%s/.k5login", account->pw_dir) < 0)
        return 0;
    FILE *f = fopen(path, "re");
    int missing = errno == ENOENT;
    free(path);
    if (!f)
        return missing ? -1 : 0;
    struct stat st;
    char line[LINE_MAX_BYTES];
    int found = 0;
    bool trusted = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode) &&
                   (st.st_uid == account->pw_uid || st.st_uid == 0) && !(st.st_mode & 022);
    while (trusted && !found && fgets(line, sizeof line, f)) {
        line[strcspn(line, " \t\r\n")] = '\0';
        found = slice_eq_str(principal, line);
    }
    (void)fclose(f);
    return found;
}

bool account_allows(const struct krb5conf *conf, struct slice default_realm,
                    const struct principal *p, const char *account, struct arena *a) {
    char buffer[4096];
    struct passwd entry, *found = NULL;
    struct slice text = principal_text(p, a), local;
    int said = 0;
    if (text.len == 0)
        return false;
    if (getpwnam_r(account, &entry, buffer, sizeof buffer, &found) == 0 && found)
        said = k5login_says(found, text);
    if (said >= 0)
        return said > 0;
    return account_of(conf, default_realm, p, a, &local, NULL) == OBOL_OK &&
           slice_eq_str(local, account);
}
