// stamp.c: whether a file is still the one that was read; see part.h.
#include "gssapi/part.h"
#include <sys/stat.h>
#include <time.h>

struct gssapi_stamp gssapi_stamp_of(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return (struct gssapi_stamp){0};
    return (struct gssapi_stamp){true, st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

bool gssapi_stamp_eq(const struct gssapi_stamp *a, const struct gssapi_stamp *b) {
    return a->there == b->there && a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

bool gssapi_stamp_settled(const struct gssapi_stamp *stamp) {
    // File times move in steps of a few milliseconds: a second write within one would not show.
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age = (int64_t)(now.tv_sec - stamp->modified.tv_sec) * 1000 +
                  (now.tv_nsec - stamp->modified.tv_nsec) / 1000000;
    return stamp->there && (age > 50 || age < 0);
}
