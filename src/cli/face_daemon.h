// face_daemon.h: the faces that serve: krb5kdc and kadmind start alike, in the foreground or the
// background, and say the same words when they are ready.
#ifndef OBOL_CLI_FACE_DAEMON_H
#define OBOL_CLI_FACE_DAEMON_H

#include "cli/face.h"
#include "server/kdc_serve.h"

enum { FACE_REALMS_MAX = 16 };
struct face_daemon {
    const char *name; // "krb5kdc"
    const char *logs; // its name in [logging]
    enum obol_code (*serve)(const struct kdc_serve_options *options, struct error *err);
    // The first is served at its addresses, and the others with it; none: the default one.
    struct slice realms[FACE_REALMS_MAX];
    size_t realm_count;
    const char *pid_file;
    int64_t workers;
    bool foreground;
    bool with_others; // kdc_serve_options has it
};
// face_daemon_realm adds a realm, once.
MUST_USE enum obol_code face_daemon_realm(struct face_daemon *d, const char *realm,
                                          struct error *err);
// face_daemon_run serves; in the background the process that was started ends when the daemon does
// serve, with its exit status in *status.
MUST_USE enum obol_code face_daemon_run(const struct face_daemon *d, struct cli *c, int *status,
                                        struct error *err);

#endif
