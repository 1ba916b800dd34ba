// profile.h: krb5.conf as a tree, for programs that read settings of their own from it: sections,
// and relations of a name with one or several values. A path of names ends with NULL.
#ifndef OBOL_PROFILE_H
#define OBOL_PROFILE_H
#define _KRB5_PROFILE_H

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct _profile_t *profile_t;

#define PROF_NO_SECTION  (-1429577726L)
#define PROF_NO_RELATION (-1429577725L)

// profile_get_values gives all values, in the order of the file; to be freed with profile_free_list.
long profile_get_values(profile_t profile, const char *const *names, char ***out);
void profile_free_list(char **list);
// profile_get_string and those below look for name/subname/subsubname (the later ones may be NULL)
// and give the fallback if there is none. Free with profile_release_string.
long profile_get_string(profile_t profile, const char *name, const char *subname,
                        const char *subsubname, const char *fallback, char **out);
long profile_get_integer(profile_t profile, const char *name, const char *subname,
                         const char *subsubname, int fallback, int *out);
long profile_get_boolean(profile_t profile, const char *name, const char *subname,
                         const char *subsubname, int fallback, int *out);
void profile_release_string(char *string);
// profile_release and profile_abandon give a profile back.
void profile_release(profile_t profile);
void profile_abandon(profile_t profile);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
