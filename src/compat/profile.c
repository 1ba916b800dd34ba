// profile.c: krb5.conf as the tree that programs read their own settings from.
#include <profile.h>

#include "compat/context.h"
#include "compat/convert.h"
#include "config/duration.h"
#include <errno.h>
#include <stdlib.h>

// A profile is a configuration of its own: the program may keep it longer than the context.
struct _profile_t {
    krb5_magic magic;
    struct arena arena;
    struct krb5conf conf;
};

#define PROFILE_MAGIC ((krb5_magic)0x6f627072)
#define PROFILE_ARENA 32768u
#define PROFILE_LIMIT (16u << 20)
#define NAMES_MAX     16

krb5_error_code krb5_get_profile(krb5_context context, struct _profile_t **out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    profile_t made = calloc(1, sizeof *made);
    if (!made || !arena_init(&made->arena, PROFILE_ARENA, PROFILE_LIMIT)) {
        free(made);
        return ENOMEM;
    }
    made->magic = PROFILE_MAGIC;
    enum obol_code code = krb5conf_load(&made->conf, (struct slice){0}, &made->arena, &call.err);
    if (code == OBOL_OK)
        *out = made;
    else
        profile_release(made);
    return call_end(&call, code);
}

void profile_release(profile_t profile) {
    if (!profile || profile->magic != PROFILE_MAGIC)
        return;
    profile->magic = 0;
    arena_clear(&profile->arena);
    free(profile);
}

void profile_abandon(profile_t profile) {
    profile_release(profile);
}

// The first relation of the last name, in the section that the names before it lead to.
static long find(profile_t profile, const char *const *names, const struct profile_node **out) {
    const struct profile_node *section = NULL;
    size_t n = 0;
    if (!profile || profile->magic != PROFILE_MAGIC || !names)
        return EINVAL;
    while (n < NAMES_MAX && names[n])
        n++;
    if (n < 2 || n == NAMES_MAX)
        return EINVAL;
    for (size_t i = 0; i + 1 < n; i++) {
        section = profile_section(&profile->conf.profile, section, slice_str(names[i]));
        if (!section)
            return PROF_NO_SECTION;
    }
    *out = profile_first(section, slice_str(names[n - 1]));
    return *out ? 0 : PROF_NO_RELATION;
}

long profile_get_values(profile_t profile, const char *const *names, char ***out) {
    const struct profile_node *first;
    size_t n = 0;
    if (!out)
        return EINVAL;
    *out = NULL;
    long code = find(profile, names, &first);
    if (code)
        return code;
    for (const struct profile_node *r = first; r; r = profile_next(r))
        n++;
    char **list = calloc(n + 1, sizeof(char *));
    if (!list)
        return ENOMEM;
    n = 0;
    for (const struct profile_node *r = first; r; r = profile_next(r))
        if (!(list[n++] = bytes_out(r->value))) {
            profile_free_list(list);
            return ENOMEM;
        }
    *out = list;
    return 0;
}

void profile_free_list(char **list) {
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free(list);
}

// *found stays empty if there is no such relation.
static long get(profile_t profile, const char *name, const char *subname, const char *subsubname,
                struct slice *found) {
    const char *const names[] = {name, subname, subsubname, NULL};
    const struct profile_node *first;
    *found = (struct slice){0};
    long code = find(profile, names, &first);
    if (code == 0)
        *found = first->value;
    return code == PROF_NO_SECTION || code == PROF_NO_RELATION ? 0 : code;
}

long profile_get_string(profile_t profile, const char *name, const char *subname,
                        const char *subsubname, const char *fallback, char **out) {
    struct slice found = {0};
    if (!out)
        return EINVAL;
    *out = NULL;
    long code = profile ? get(profile, name, subname, subsubname, &found) : 0;
    if (code || (!found.ptr && !fallback))
        return code;
    *out = bytes_out(found.ptr ? found : slice_str(fallback));
    return *out ? 0 : ENOMEM;
}

long profile_get_integer(profile_t profile, const char *name, const char *subname,
                         const char *subsubname, int fallback, int *out) {
    struct slice found = {0};
    int64_t number;
    if (!out)
        return EINVAL;
    *out = fallback;
    long code = profile ? get(profile, name, subname, subsubname, &found) : 0;
    if (code || !found.ptr)
        return code;
    if (!number_parse(found, &number) || number > INT32_MAX || number < INT32_MIN)
        return EINVAL;
    *out = (int)number;
    return 0;
}

long profile_get_boolean(profile_t profile, const char *name, const char *subname,
                         const char *subsubname, int fallback, int *out) {
    struct slice found = {0};
    bool value;
    if (!out)
        return EINVAL;
    *out = fallback;
    long code = profile ? get(profile, name, subname, subsubname, &found) : 0;
    if (code || !found.ptr)
        return code;
    if (!boolean_parse(found, &value))
        return EINVAL;
    *out = value;
    return 0;
}

void profile_release_string(char *string) {
    free(string);
}
