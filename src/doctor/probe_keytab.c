// probe_keytab.c: whether the service's keytab can be read by who runs this, by nobody else, and
// opens the ticket that the KDC has just given.
#include "doctor/doctor.h"

#include "cred/keytab.h"
#include "krb/ap.h"
#include "proto/codes.h"
#include "proto/types.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *user_name(uid_t uid, char buffer[64]) {
    const struct passwd *pw = getpwuid(uid);
    if (pw)
        snprintf(buffer, 64, "%s", pw->pw_name);
    else
        snprintf(buffer, 64, "%u", (unsigned)uid);
    return buffer;
}

// False if it cannot be read.
static bool examine_mode(struct doctor *d) {
    struct stat st;
    char owner[64], us[64];
    const char *path = d->keytab;
    const struct slice word = doctor_word(d, slice_str(path));
    bool there = stat(path, &st) == 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe would be waited for
    if (fd >= 0)
        close(fd);
    if (fd < 0 && errno == EACCES) {
        user_name(geteuid(), us);
        struct slice cause =
            there ? arena_printf(d->arena, "%s is of %s with mode %03o: %s cannot read it", path,
                                 user_name(st.st_uid, owner), st.st_mode & 0777u, us)
                  : arena_printf(d->arena, "%s: %s may not enter its directory", path, us);
        doctor_bad(d, OBOL_PERMISSION, "keytab", cause,
                   arena_printf(d->arena,
                                "If the service runs as %s, give it the file, as root; else run "
                                "this as its account does (sudo -u)",
                                us),
                   arena_printf(d->arena, "chown %s %.*s && chmod 600 %.*s", us, SLICE_ARG(word),
                                SLICE_ARG(word)));
        return false;
    }
    if (fd >= 0 && there && st.st_mode & S_IROTH)
        doctor_bad(d, OBOL_PERMISSION, "keytab",
                   arena_printf(d->arena,
                                "everybody on this machine can read %s, and be the service", path),
                   SLICE_LITERAL("Shut it, to all but the service's account, and change the keys: "
                                 "they may have been copied"),
                   arena_printf(d->arena, "chmod o= %.*s", SLICE_ARG(word)));
    return true; // of what else fails keytab_read tells
}

static enum obol_code open_ticket(struct doctor *d, const struct keytab_content *keytab,
                                  struct error *err) {
    const struct cred *ticket = &d->ticket.ticket;
    struct ap_req_params params = {.client = ticket->client,
                                   .authenticator_usage = KU_AP_REQ_AUTHENTICATOR};
    struct ap_req_sent sent;
    struct slice request;
    TRY(der_decode(&TYPE_TICKET, ticket->ticket, d->arena, &params.ticket, err));
    TRY(crypto_key_in_arena(&params.session, d->arena, ticket->key.keytype, ticket->key.keyvalue,
                            err));
    TRY(ap_req_build(&params, d->env, d->arena, &request, &sent, err));
    struct keytab_keys keys = {.content = keytab, .path = d->keytab};
    struct ap_key_source source = keytab_key_source(&keys);
    const struct ap_accept_params accept = {.keys = &source,
                                            .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
                                            .clockskew = d->conf->clockskew};
    struct ap_accepted accepted;
    return ap_req_accept(request, &accept, d->env, d->arena, &accepted, err);
}

// The name whose keys are wanted: what the KDC gave a ticket for, else what was asked for.
static struct slice wanted(struct doctor *d) {
    return doctor_name(d, d->has_ticket ? &d->ticket.ticket.server : &d->spn);
}

static struct slice creation(struct doctor *d) {
    return arena_printf(d->arena, "obol keytab create %.*s %.*s",
                        SLICE_ARG(doctor_word(d, slice_str(d->keytab))),
                        SLICE_ARG(doctor_word(d, wanted(d))));
}

static void told(struct doctor *d, const struct error *err) {
    struct slice name = wanted(d);
    doctor_bad(d, err->code, "keytab", arena_printf(d->arena, "%s", err->detail),
               arena_printf(d->arena,
                            "Write the KDC's present keys into it, on the KDC, and carry the file "
                            "over (FreeIPA: ipa-getkeytab -r -p %.*s -k FILE; MIT: kadmin ktadd -k "
                            "FILE %.*s; Active Directory: adcli update, or ktpass)",
                            SLICE_ARG(name), SLICE_ARG(name)),
               creation(d));
}

void doctor_probe_keytab(struct doctor *d) {
    struct keytab_content content;
    struct error err;
    error_init(&err);
    if (!d->keytab || !examine_mode(d))
        return;
    if (keytab_read(d->keytab, d->arena, &content, &err) != OBOL_OK) {
        if (err.code == OBOL_KEYTAB_NOT_FOUND && d->has_ticket)
            told(d, &err);
        else
            doctor_failed(d, "keytab", &err);
        return;
    }
    if (!d->has_ticket)
        return;
    if (open_ticket(d, &content, &err) != OBOL_OK)
        told(d, &err);
    else
        doctor_good(d, "keytab", arena_printf(d->arena, "%s opens the ticket", d->keytab));
}
