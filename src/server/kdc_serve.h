// kdc_serve.h: the KDC of a home directory as a daemon: kdc.conf, the store and the master key
// become the service that server.h runs. What `obol serve` calls.
#ifndef OBOL_SERVER_KDC_SERVE_H
#define OBOL_SERVER_KDC_SERVE_H

#include "server/server.h"

// A further realm that is served beside the first; all at the addresses that any of them says.
struct kdc_serve_further {
    const char *home, *conf_file, *realm; // as in struct kdc_serve_options
};

struct kdc_serve_options {
    const char *home;
    const char *conf_file; // a kdc.conf that stands elsewhere; NULL: HOME/kdc.conf
    const char *realm;     // which of the file's realms; NULL: as it says
    // These override kdc.conf; NULL or 0: as it says.
    const char *const *listen; // "127.0.0.1:8888", for UDP and TCP
    size_t listen_count;
    unsigned workers;
    const char *log;  // a file, "stderr" or "syslog"
    const char *user; // run as, once the sockets are open
    bool log_json;
    // Run kpasswd_serve and kadmind_serve beside the KDC if kdc.conf says kpasswd_listen and
    // kadmind_listen.
    bool with_others;
    bool no_sandbox;
    bool no_notes; // do not show what is odd in kdc.conf
    int ready_fd;  // see struct server_options; -1: none
    bool quiet;
    const struct kdc_serve_further *further; // besides those of also_serve
    size_t further_count;
    bool is_further;                // internal: one of those
    int (*proxied)[2][2];           // internal: of kpasswd_serve beside a KDC (proxied.h)
    const struct activation *given; // internal: likewise
};

// kdc_serve serves until SIGTERM or SIGINT; see server_run. On SIGHUP it reads kdc.conf and the
// master key again. Counters are written to HOME/status.json on SIGUSR1.
MUST_USE enum obol_code kdc_serve(const struct kdc_serve_options *options, struct error *err);

// kpasswd_serve is the same for changing passwords (RFC 3244), at kpasswd_listen of kdc.conf, else
// at port 464 of all addresses.
MUST_USE enum obol_code kpasswd_serve(const struct kdc_serve_options *options, struct error *err);
extern const struct service KPASSWD_SERVICE;
// kadmind_serve is the same for administering the realm as MIT krb5's kadmin does, at
// kadmind_listen of kdc.conf, else at port 749 of all addresses. With `with_others` it has
// kpasswd_serve beside it in any case.
MUST_USE enum obol_code kadmind_serve(const struct kdc_serve_options *options, struct error *err);
extern const struct service KADMIND_SERVICE;

// KDC_SERVICE is the service itself; its configuration is a struct kdc_settings.
struct kdc_settings;
extern const struct service KDC_SERVICE;
// kdc_settings_load reads HOME/kdc.conf, on the heap; kdc_settings_free takes NULL.
MUST_USE enum obol_code kdc_settings_load(struct kdc_settings **out,
                                          const struct kdc_serve_options *options,
                                          struct error *err);
void kdc_settings_free(struct kdc_settings *settings);
struct server_config *kdc_settings_server(struct kdc_settings *settings);

#endif
