// activation.h: sockets that a service manager opened for us (sd_listen_fds(3), systemd.socket(5)):
// a KDC on port 88 that was never root. They take the place of the addresses in kdc.conf.
#ifndef OBOL_SERVER_ACTIVATION_H
#define OBOL_SERVER_ACTIVATION_H

#include "server/service.h"

#define ACTIVATION_MAX 32

enum activation_use {
    ACTIVATION_KDC,
    ACTIVATION_KPASSWD,
    ACTIVATION_KADMIN,
    ACTIVATION_HTTPS,
    ACTIVATION_METRICS
};

struct activation {
    struct activation_socket {
        int fd;
        enum activation_use use;
        bool stream;
        union sock_address address;
        char path[108]; // of a socket of this machine
    } at[ACTIVATION_MAX];
    size_t count;
};

// activation_take finds what was handed over (LISTEN_PID, LISTEN_FDS) and takes the variables out
// of the environment. What a socket is for is its name (FileDescriptorName= in the unit: kpasswd,
// kadmin, https, metrics); one of another name is the KDC's, but at port 464 kpasswd's and at port
// 749 kadmin's. INVALID_ARGUMENT for a descriptor that is none of the sockets we can serve.
MUST_USE enum obol_code activation_take(struct activation *out, struct error *err);
// activation_count is how many are for a use; NULL has none.
size_t activation_count(const struct activation *a, enum activation_use use);

#endif
