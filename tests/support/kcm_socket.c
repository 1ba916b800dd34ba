// kcm_socket.c: puts the socket of Heimdal's kcm, which is fixed in the program, where a test wants
// it (KCM_SOCKET), for LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *place(const char *path) {
    return strncmp(path, "/var/run/.heim_", 15) == 0 ? getenv("KCM_SOCKET") : path;
}

int bind(int fd, const struct sockaddr *address, socklen_t len) {
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (address->sa_family != AF_UNIX)
        return next(fd, address, len);
    snprintf(un.sun_path, sizeof un.sun_path, "%s",
             place(((const struct sockaddr_un *)address)->sun_path));
    return next(fd, (struct sockaddr *)&un, sizeof un);
}

int unlink(const char *path) {
    int (*next)(const char *) = dlsym(RTLD_NEXT, "unlink");
    return next(place(path));
}

int chmod(const char *path, mode_t mode) {
    int (*next)(const char *, mode_t) = dlsym(RTLD_NEXT, "chmod");
    return next(place(path), mode);
}
