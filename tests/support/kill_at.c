// kill_at.c: preloaded into a program, it ends it by SIGKILL before the call of number KILL_AT
// among those that change a file: as a loss of power would at each of the moments that differ.
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void count(void) {
    static int calls;
    const char *at = getenv("KILL_AT");
    if (at && ++calls == atoi(at))
        kill(getpid(), SIGKILL);
}

#define COUNTED(type, name, parameters, arguments)                                                 \
    type name parameters;                                                                          \
    type name parameters {                                                                         \
        count();                                                                                   \
        return ((type(*) parameters)dlsym(RTLD_NEXT, #name))arguments;                             \
    }

COUNTED(ssize_t, write, (int fd, const void *bytes, size_t len), (fd, bytes, len))
COUNTED(ssize_t, pwrite, (int fd, const void *bytes, size_t len, off_t at), (fd, bytes, len, at))
COUNTED(ssize_t, pwrite64, (int fd, const void *bytes, size_t len, off64_t at),
        (fd, bytes, len, at))
COUNTED(ssize_t, writev, (int fd, const void *parts, int count_), (fd, parts, count_))
COUNTED(ssize_t, pwritev, (int fd, const void *parts, int count_, off_t at),
        (fd, parts, count_, at))
COUNTED(int, fsync, (int fd), (fd))
COUNTED(int, fdatasync, (int fd), (fd))
COUNTED(int, rename, (const char *from, const char *to), (from, to))
COUNTED(int, unlink, (const char *name), (name))
COUNTED(int, ftruncate, (int fd, off_t len), (fd, len))
