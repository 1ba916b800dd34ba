// probe_ticket.c: whether the KDC gives a ticket for the name that programs ask for, and if not,
// under which name it knows the service; whether the cache holds one of an older key.
#include "doctor/doctor.h"

#include "crypto/crypto.h"
#include "proto/types.h"

static uint32_t kvno_of(struct doctor *d, const struct cred *cred, int32_t *etype) {
    struct ticket t;
    *etype = 0;
    if (der_decode(&TYPE_TICKET, cred->ticket, d->arena, &t, NULL) != OBOL_OK)
        return 0;
    *etype = t.enc_part.etype;
    return t.enc_part.present & ENCRYPTED_DATA_KVNO ? (uint32_t)t.enc_part.kvno : 0;
}

static void found(struct doctor *d) {
    int32_t etype;
    uint32_t kvno = kvno_of(d, &d->ticket.ticket, &etype);
    const struct enctype *e = enctype_find(etype);
    d->has_ticket = true;
    doctor_good(d, "name",
                arena_printf(d->arena, "the KDC gives a ticket for %.*s: key %u, %s",
                             SLICE_ARG(principal_text(&d->ticket.ticket.server, d->arena)), kvno,
                             e ? enctype_name(e) : "of an enctype that is not known here"));
}

// The name that was meant is there: either the client asks for it, or the one asked for becomes
// another name of it.
static void told_other(struct doctor *d, const struct doctor_candidate *c) {
    struct slice asked = doctor_name(d, &d->spn), have = doctor_name(d, &c->name);
    bool other_realm = !slice_eq(c->name.realm, d->spn.realm);
    struct slice cause = arena_printf(d->arena, "the KDC knows no %.*s, but it knows %.*s (%s)",
                                      SLICE_ARG(principal_text(&d->spn, d->arena)),
                                      SLICE_ARG(principal_text(&c->name, d->arena)), c->why);
    if (other_realm) {
        doctor_bad(d, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN, "name", cause,
                   arena_printf(d->arena,
                                "Say the right realm, in the name or in [domain_realm] of "
                                "krb5.conf: %.*s = %.*s",
                                SLICE_ARG(d->target.host), SLICE_ARG(c->name.realm)),
                   (struct slice){0});
        return;
    }
    doctor_bad(d, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN, "name", cause,
               arena_printf(d->arena,
                            "Have programs ask for %.*s; or give the service the other name too, "
                            "on the KDC (Active Directory: setspn -S %.*s ACCOUNT)",
                            SLICE_ARG(have), SLICE_ARG(asked)),
               arena_printf(d->arena, "obol spn add %.*s %.*s", SLICE_ARG(doctor_word(d, asked)),
                            SLICE_ARG(doctor_word(d, have))));
}

static void told_missing(struct doctor *d) {
    struct slice asked = doctor_name(d, &d->spn), word = doctor_word(d, asked);
    struct slice command = arena_printf(d->arena, "obol spn add %.*s", SLICE_ARG(word));
    if (d->keytab)
        command = arena_printf(d->arena, "%.*s && obol keytab create %.*s %.*s", SLICE_ARG(command),
                               SLICE_ARG(doctor_word(d, slice_str(d->keytab))), SLICE_ARG(word));
    doctor_bad(d, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN, "name",
               arena_printf(d->arena, "the KDC knows no %.*s, nor a name like it",
                            SLICE_ARG(principal_text(&d->spn, d->arena))),
               arena_printf(d->arena,
                            "Register it on the KDC, and write its keytab (Active Directory: "
                            "setspn -S %.*s ACCOUNT, and setspn -X for one that two accounts "
                            "have; FreeIPA: ipa service-add %.*s; MIT: kadmin addprinc -randkey "
                            "%.*s)",
                            SLICE_ARG(asked), SLICE_ARG(asked), SLICE_ARG(asked)),
               command);
}

static void look_further(struct doctor *d, struct error *why) {
    struct doctor_candidate list[DOCTOR_CANDIDATES_MAX];
    size_t count = doctor_candidates(d, list);
    for (size_t i = 0; i < count; i++) {
        struct error err;
        error_init(&err);
        if (doctor_ask(d, &list[i].name, &d->ticket, &err) != OBOL_OK)
            continue;
        d->has_ticket = true; // the keytab is tried with it
        told_other(d, &list[i]);
        return;
    }
    if (why->code == OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN && slice_eq(d->spn.realm, d->realm))
        told_missing(d);
    else
        doctor_failed(d, "name", why);
}

static void told_twice(struct doctor *d) {
    struct slice asked = doctor_name(d, &d->spn);
    doctor_bad(d, OBOL_KDC_ERR_PRINCIPAL_NOT_UNIQUE, "name",
               arena_printf(d->arena, "two accounts have the name %.*s: the KDC takes neither",
                            SLICE_ARG(asked)),
               SLICE_LITERAL("List both on a domain controller, and take the name from one: "
                             "setspn -D SPN ACCOUNT"),
               arena_printf(d->arena, "setspn -Q %.*s", SLICE_ARG(doctor_word(d, asked))));
}

void doctor_probe_ticket(struct doctor *d) {
    struct error err;
    error_init(&err);
    if (d->client.realm.len == 0 || d->target.host.len == 0 || d->silent)
        return;
    switch (doctor_ask(d, &d->spn, &d->ticket, &err)) {
    case OBOL_OK:
        found(d);
        break;
    case OBOL_KDC_ERR_PRINCIPAL_NOT_UNIQUE:
        told_twice(d);
        break;
    case OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN:
    case OBOL_KDC_NOT_KNOWN: // of the realm that the name, or [domain_realm], says
    case OBOL_KDC_ERR_WRONG_REALM:
        look_further(d, &err);
        break;
    default:
        doctor_failed(d, "name", &err);
        break;
    }
}

// A ticket of a key that was changed since is shown to the service until it ends.
void doctor_probe_cached(struct doctor *d) {
    struct ticket_result old;
    struct error err;
    int32_t etype;
    error_init(&err);
    if (!d->has_ticket ||
        d->world->ticket(d->world->ctx, &d->ticket.ticket.server, true, &old, &err) != OBOL_OK)
        return;
    uint32_t now = kvno_of(d, &d->ticket.ticket, &etype), then = kvno_of(d, &old.ticket, &etype);
    if (then == now)
        return;
    struct slice name = principal_text(&d->ticket.ticket.server, d->arena);
    doctor_bad(d, OBOL_KRB_AP_ERR_BADKEYVER, "cache",
               arena_printf(d->arena,
                            "the cache holds a ticket of key %u, and the service's key is %u now",
                            then, now),
               SLICE_LITERAL("Get a fresh one"),
               arena_printf(d->arena, "obol ticket --fresh %.*s", SLICE_ARG(doctor_word(d, name))));
}
