// probe_login.c: whether a KDC answers, what its clock says, and who is logged in.
#include "doctor/doctor.h"

#include <stdlib.h>

static void examine_clock(struct doctor *d, int64_t ahead) {
    int64_t off = llabs(ahead);
    if (off <= 5) {
        doctor_good(d, "clock", SLICE_LITERAL("it agrees with the KDC's"));
        return;
    }
    const char *way = ahead > 0 ? "behind" : "ahead of";
    struct slice cause = arena_printf(d->arena, "this machine's clock is %lld seconds %s the KDC's",
                                      (long long)off, way);
    struct slice remedy = arena_printf(
        d->arena, "Set both clocks by NTP; services refuse more than %lld seconds (clockskew)",
        (long long)d->conf->clockskew);
    const struct slice command = SLICE_LITERAL("timedatectl set-ntp true");
    if (off > d->conf->clockskew)
        doctor_bad(d, OBOL_KRB_AP_ERR_SKEW, "clock", cause, remedy, command);
    else
        doctor_note(d, "clock", cause, remedy, command);
}

void doctor_probe_realm(struct doctor *d) {
    struct error err;
    struct slice where = {0};
    int64_t ahead = 0;
    error_init(&err);
    if (d->realm.len == 0) {
        doctor_bad(d, OBOL_CONFIG_NO_REALM, "realm",
                   SLICE_LITERAL("krb5.conf names no default realm"),
                   SLICE_LITERAL("Say it in [libdefaults] of krb5.conf: default_realm = REALM"),
                   (struct slice){0});
        return;
    }
    if (d->world->kdc(d->world->ctx, d->realm, &where, &ahead, &err) != OBOL_OK) {
        d->silent = err.code == OBOL_KDC_UNREACHABLE;
        doctor_failed(d, "KDC", &err);
        return;
    }
    doctor_good(
        d, "KDC",
        arena_printf(d->arena, "%.*s of %.*s answers", SLICE_ARG(where), SLICE_ARG(d->realm)));
    examine_clock(d, ahead);
}

void doctor_probe_login(struct doctor *d) {
    struct ccache_content content;
    struct error err;
    struct principal tgs;
    struct ticket_result tgt;
    error_init(&err);
    if (ccache_read(d->cache, d->arena, &content, &err) != OBOL_OK) {
        doctor_failed(d, "login", &err);
        return;
    }
    struct slice who = principal_text(&content.principal, d->arena);
    struct slice realm = ccache_start_realm(&content);
    struct slice again = arena_printf(d->arena, "obol login %.*s", SLICE_ARG(doctor_word(d, who)));
    if (principal_krbtgt(realm, realm, d->arena, &tgs, &err) != OBOL_OK ||
        d->world->ticket(d->world->ctx, &tgs, true, &tgt, &err) != OBOL_OK ||
        tgt.ticket.endtime <= env_now(d->env) + content.offset) {
        doctor_bad(d, OBOL_CRED_EXPIRED, "login",
                   arena_printf(d->arena, "%.*s has no valid ticket-granting ticket of %.*s",
                                SLICE_ARG(ccache_name(d->cache)), SLICE_ARG(who)),
                   SLICE_LITERAL("Log in again"), again);
        return;
    }
    d->client = content.principal;
    doctor_good(
        d, "login",
        arena_printf(d->arena, "%.*s, in %.*s", SLICE_ARG(who), SLICE_ARG(ccache_name(d->cache))));
}
