// sandbox.c: see sandbox.h. The filter is libseccomp's; a sanitizer's runtime needs calls of its
// own, so sandbox_sanitized.c stands in for the filter in such builds.
#include "server/sandbox.h"
#include "server/sandbox_filter.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum obol_code sandbox_become(const char *user, struct error *err) {
    if (!user)
        return OBOL_OK;
    errno = 0;
    const struct passwd *pw = getpwnam(user);
    ENSURE(pw, NOT_FOUND, "there is no user \"%s\" to run as", user);
    if (geteuid() == pw->pw_uid)
        return OBOL_OK;
    ENSURE(initgroups(user, pw->pw_gid) == 0 && setgid(pw->pw_gid) == 0 && setuid(pw->pw_uid) == 0,
           PERMISSION, "cannot become user \"%s\": %s", user, strerror(errno));
    ENSURE(pw->pw_uid == 0 || setuid(0) != 0, INTERNAL, "rights were given up but came back");
    return OBOL_OK;
}

enum obol_code sandbox_enter(enum sandbox_kind kind, struct error *err) {
    ENSURE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, INTERNAL, "no_new_privs: %s",
           strerror(errno));
    return sandbox_filter(kind, err);
}
