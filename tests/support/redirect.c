// redirect.c: two files of /proc that only a kernel with an NFS server has are opened elsewhere,
// for rpc.svcgssd in tests/peers/test_compat_nfs.py. Preloaded; the program itself is as Debian
// ships it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *elsewhere(const char *path) {
    const char *to = NULL;
    if (strcmp(path, "/proc/net/rpc/auth.rpcsec.init/channel") == 0)
        to = getenv("INIT_CHANNEL");
    if (strcmp(path, "/proc/net/rpc/auth.rpcsec.context/channel") == 0)
        to = getenv("CONTEXT_CHANNEL");
    return to ? to : path;
}

int open(const char *path, int flags, ...) {
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    va_list args;
    va_start(args, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
    va_end(args);
    return next(elsewhere(path), flags, mode);
}
