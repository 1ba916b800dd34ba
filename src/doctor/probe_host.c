// probe_host.c: the names that the DNS has for the host. Programs that ask it (krb5.conf's
// dns_canonicalize_hostname and rdns, Java, Windows) then ask the KDC for another service.
#include "doctor/doctor.h"

#include "proto/codes.h"

static bool registered(struct doctor *d, struct slice host) {
    struct slice *parts = arena_zalloc(d->arena, 2, sizeof *parts);
    struct ticket_result ignored;
    struct error err;
    error_init(&err);
    if (!parts || d->client.realm.len == 0)
        return true; // nothing is known
    parts[0] = d->spn.name.name_string.items[0];
    parts[1] = host;
    struct principal p = {d->spn.realm, {NT_SRV_HST, {parts, 2}}};
    return doctor_ask(d, &p, &ignored, &err) == OBOL_OK || d->silent;
}

static void told(struct doctor *d, const char *what, struct slice name, const char *setting) {
    struct slice service = d->spn.name.name_string.items[0];
    struct slice other = arena_printf(d->arena, "%.*s/%.*s", SLICE_ARG(service), SLICE_ARG(name));
    bool good = registered(d, name);
    struct slice cause = arena_printf(d->arena, "%s %.*s; programs that go by it ask for %.*s%s",
                                      what, SLICE_ARG(name), SLICE_ARG(other),
                                      good ? "" : ", which the KDC does not know");
    if (good) {
        doctor_good(d, "DNS", cause);
        return;
    }
    doctor_note(d, "DNS", cause,
                arena_printf(d->arena,
                             "Say %s in [libdefaults] of krb5.conf; or give the service that name "
                             "too",
                             setting),
                arena_printf(d->arena, "obol spn add %.*s %.*s", SLICE_ARG(doctor_word(d, other)),
                             SLICE_ARG(doctor_word(d, doctor_name(d, &d->spn)))));
}

void doctor_probe_host(struct doctor *d) {
    if (!d->world->resolver || d->target.host.len == 0)
        return;
    struct slice name = doctor_canonical(d, d->target.host, false);
    struct slice reverse = doctor_canonical(d, d->target.host, true);
    if (name.len == 0) {
        doctor_note(d, "DNS",
                    arena_printf(d->arena, "%.*s has no address in the DNS or /etc/hosts",
                                 SLICE_ARG(d->target.host)),
                    SLICE_LITERAL("Add it there, or ask for the host by another name"),
                    (struct slice){0});
        return;
    }
    if (!slice_eq_nocase(name, d->target.host))
        told(d, "the DNS calls the host", name, "dns_canonicalize_hostname = false");
    if (!slice_eq_nocase(reverse, name) && !slice_eq_nocase(reverse, d->target.host) && reverse.len)
        told(d, "the DNS calls the host's address", reverse, "rdns = false");
}
