// probe_browser.c: what keeps programs from logging in to a URL before Kerberos is asked: a proxy
// in between, and browsers, which log in only where a policy allows it.
#include "doctor/doctor.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

const char *const DOCTOR_POLICIES[] = {
    "/etc/chromium/policies/managed",
    "/etc/opt/chrome/policies/managed",
    "/etc/firefox/policies/policies.json",
    NULL,
};

// Whether a rule of a list is the host: "web.example.com", "*.example.com", ".example.com",
// "*example.com", "https://web.example.com".
static bool rule_matches(struct slice rule, struct slice host) {
    rule = slice_trim(rule);
    size_t at = slice_find(rule, ':');
    if (at + 2 < rule.len && rule.ptr[at + 1] == '/' && rule.ptr[at + 2] == '/')
        rule = slice_sub(rule, at + 3, SIZE_MAX);
    bool ends = rule.len && (rule.ptr[0] == '*' || rule.ptr[0] == '.');
    if (rule.len && rule.ptr[0] == '*')
        rule = slice_sub(rule, 1, SIZE_MAX);
    if (ends)
        return rule.len <= host.len &&
               slice_eq_nocase(rule, slice_sub(host, host.len - rule.len, SIZE_MAX));
    return slice_eq_nocase(rule, host);
}

static bool list_has(struct slice list, struct slice host) {
    while (list.len) {
        size_t n = 0; // commas of Chromium and no_proxy; quotes and spaces between them in JSON
        while (n < list.len && !strchr(",\"[] \t\r\n", list.ptr[n]))
            n++;
        if (n && rule_matches(slice_sub(list, 0, n), host))
            return true;
        list = slice_sub(list, n + 1, SIZE_MAX);
    }
    return false;
}

// ---- proxies

void doctor_probe_proxy(struct doctor *d) {
    static const char *const https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static const char *const http[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    const char *const *names = d->target.https ? https : http;
    size_t count = d->target.https ? COUNT_OF(https) : COUNT_OF(http);
    const struct doctor_world *w = d->world;
    if (!d->target.url)
        return;
    for (size_t i = 0; i < count; i++) {
        const char *proxy = w->environment(w->ctx, names[i]);
        const char *no = w->environment(w->ctx, "no_proxy");
        if (!no)
            no = w->environment(w->ctx, "NO_PROXY");
        if (!proxy || !*proxy || (no && list_has(slice_str(no), d->target.host)))
            continue;
        struct slice all = arena_printf(d->arena, "%s%s%.*s", no ? no : "", no && *no ? "," : "",
                                        SLICE_ARG(d->target.host));
        doctor_note(d, "proxy",
                    arena_printf(d->arena,
                                 "%s has programs go through a proxy, which may ask for a login of "
                                 "its own (407, HTTP/ and the proxy's host) or drop this one",
                                 names[i]),
                    SLICE_LITERAL("Go there without it"),
                    arena_printf(d->arena, "export no_proxy=%.*s", SLICE_ARG(doctor_word(d, all))));
        return;
    }
}

// ---- browsers

struct policies {
    struct doctor *d;
    bool looked; // there is a browser with policies
    bool allowed;
    const char *listed; // a file that has a list, without the host
    const char *folder; // the first that takes a file for each policy; NULL: none
};

// The value of a key of JSON, as far as lists of hosts need it: a string, or an array of them.
static struct slice value_of(struct slice json, const char *key) {
    size_t n = strlen(key);
    for (size_t i = 0; i + n < json.len; i++) {
        if (memcmp(json.ptr + i, key, n) != 0)
            continue;
        struct slice rest = slice_sub(json, i + n, SIZE_MAX);
        rest = slice_trim(slice_sub(rest, slice_find(rest, ':') + 1, SIZE_MAX));
        if (rest.len && rest.ptr[0] == '[')
            return slice_sub(rest, 0, slice_find(rest, ']'));
        rest = slice_sub(rest, slice_find(rest, '"') + 1, SIZE_MAX);
        return slice_sub(rest, 0, slice_find(rest, '"'));
    }
    return (struct slice){0};
}

static void look_at_file(struct policies *p, const char *path) {
    static const char *const keys[] = {"\"AuthServerAllowlist\"", "\"SPNEGO\""};
    struct buf text = arena_buf(p->d->arena, 1 << 16);
    FILE *f = text.ptr ? fopen(path, "re") : NULL;
    if (!f)
        return;
    struct slice json = slice_of(text.ptr, fread(text.ptr, 1, text.len, f));
    fclose(f);
    p->looked = true;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct slice list = value_of(json, keys[i]);
        p->allowed = p->allowed || list_has(list, p->d->target.host);
        if (list.len)
            p->listed = path;
    }
}

static void look_at(struct policies *p, const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return;
    DIR *dir = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    if (!dir) {
        look_at_file(p, path);
        return;
    }
    p->looked = true;
    p->folder = p->folder ? p->folder : path;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        struct slice file = arena_printf(p->d->arena, "%s/%s", path, e->d_name);
        if (e->d_name[0] != '.' && file.ptr)
            look_at_file(p, (const char *)file.ptr);
    }
    closedir(dir);
}

// A policy of its own; none where it would write over another, or where the host has what means
// something in JSON.
static struct slice allowing(struct policies *p) {
    struct doctor *d = p->d;
    struct slice host = d->target.host;
    struct slice file = arena_printf(d->arena, "%s/kerberos.json", p->folder ? p->folder : "");
    struct stat st;
    if (!p->folder || !file.ptr || stat((const char *)file.ptr, &st) == 0 ||
        doctor_word(d, host).ptr != host.ptr)
        return (struct slice){0};
    return arena_printf(d->arena, "echo '{\"AuthServerAllowlist\": \"%.*s\"}' > %.*s",
                        SLICE_ARG(host), SLICE_ARG(doctor_word(d, file)));
}

void doctor_probe_browser(struct doctor *d) {
    struct policies p = {.d = d};
    if (!d->target.url)
        return;
    for (size_t i = 0; d->policies[i]; i++)
        look_at(&p, d->policies[i]);
    if (!p.looked || p.allowed) {
        if (p.allowed)
            doctor_good(d, "browser", SLICE_LITERAL("a policy allows it to log in"));
        return;
    }
    struct slice host = d->target.host;
    if (p.listed) {
        doctor_note(d, "browser",
                    arena_printf(d->arena, "the policy in %s lets browsers log in, but not to %.*s",
                                 p.listed, SLICE_ARG(host)),
                    arena_printf(d->arena, "Add %.*s to its list", SLICE_ARG(host)),
                    (struct slice){0});
        return;
    }
    doctor_note(d, "browser",
                SLICE_LITERAL("no policy lets browsers log in anywhere: they show the 401"),
                SLICE_LITERAL("As root, allow it (Firefox: network.negotiate-auth.trusted-uris)"),
                allowing(&p));
}
