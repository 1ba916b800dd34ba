// doctor.c: the list of probes, and what they share.
#include "doctor/doctor.h"

#include "krb/principal.h"

// In the order in which one thing rests on another: without a KDC there is no login, without a
// login no ticket, without a ticket the keytab cannot be tried.
static void (*const PROBES[])(struct doctor *) = {
    doctor_probe_realm,  doctor_probe_login, doctor_probe_ticket, doctor_probe_cached,
    doctor_probe_keytab, doctor_probe_host,  doctor_probe_proxy,  doctor_probe_browser,
};

static void add(struct doctor *d, struct doctor_finding finding) {
    if (d->count < DOCTOR_FINDINGS_MAX)
        d->findings[d->count++] = finding;
}

void doctor_good(struct doctor *d, const char *probe, struct slice cause) {
    add(d, (struct doctor_finding){DOCTOR_GOOD, OBOL_OK, probe, cause, {0}, {0}});
}

void doctor_note(struct doctor *d, const char *probe, struct slice cause, struct slice remedy,
                 struct slice command) {
    add(d, (struct doctor_finding){DOCTOR_NOTE, OBOL_OK, probe, cause, remedy, command});
}

void doctor_bad(struct doctor *d, enum obol_code code, const char *probe, struct slice cause,
                struct slice remedy, struct slice command) {
    add(d, (struct doctor_finding){DOCTOR_BAD, code, probe, cause, remedy, command});
}

void doctor_failed(struct doctor *d, const char *probe, const struct error *err) {
    struct writer w = writer_to_arena(d->arena);
    const char *name, *value;
    size_t at = 0;
    writer_str(&w, err->detail[0] ? err->detail : error_info(err->code)->text);
    while (err->code == OBOL_KDC_UNREACHABLE && error_fact_next(err, &at, &name, &value))
        writer_printf(&w, "; %s %s", name, value);
    struct slice remedy = slice_str(error_remedy_text(err));
    if (remedy.len && remedy.ptr[remedy.len - 1] == '.')
        remedy.len--; // who shows it ends the sentence
    doctor_bad(d, err->code, probe, writer_slice(&w),
               arena_printf(d->arena, "%.*s", SLICE_ARG(remedy)), (struct slice){0});
}

enum obol_code doctor_ask(struct doctor *d, const struct principal *service,
                          struct ticket_result *out, struct error *err) {
    ENSURE(!d->silent, KDC_UNREACHABLE, "no KDC answered before");
    enum obol_code code = d->world->ticket(d->world->ctx, service, false, out, err);
    d->silent = code == OBOL_KDC_UNREACHABLE;
    return code;
}

struct slice doctor_name(struct doctor *d, const struct principal *p) {
    struct writer w = writer_to_arena(d->arena);
    principal_name_write(&w, &p->name);
    return writer_slice(&w);
}

struct slice doctor_word(struct doctor *d, struct slice word) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "@%+=:,./_-";
    struct writer w = writer_to_arena(d->arena);
    bool quotes = word.len == 0;
    for (size_t i = 0; i < word.len; i++)
        quotes = quotes || !memchr(plain, word.ptr[i], sizeof plain - 1);
    if (!quotes)
        return word;
    writer_u8(&w, '\'');
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] == '\'')
            writer_str(&w, "'\\'");
        writer_u8(&w, word.ptr[i]);
    }
    writer_u8(&w, '\'');
    return writer_slice(&w);
}

struct slice doctor_lower(struct doctor *d, struct slice text) {
    struct buf out = arena_buf(d->arena, text.len);
    if (!out.ptr)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = text.ptr[i];
        out.ptr[i] = ch >= 'A' && ch <= 'Z' ? (uint8_t)(ch + 32) : ch;
    }
    return slice_of_buf(out);
}

struct slice doctor_canonical(struct doctor *d, struct slice host, bool reverse) {
    const struct net_resolver *r = d->world->resolver;
    const char *name = arena_cstr(d->arena, host);
    if (!r || !name)
        return (struct slice){0};
    struct slice found = doctor_lower(d, r->canonical(r->ctx, name, reverse, d->arena));
    if (found.len && found.ptr[found.len - 1] == '.')
        found.len--;
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_:";
    for (size_t i = 0; i < found.len; i++)
        if (!memchr(letters, found.ptr[i], sizeof letters - 1))
            return (struct slice){0};
    return found;
}

bool doctor_examine(struct doctor *d) {
    d->count = 0;
    d->silent = false;
    for (size_t i = 0; i < COUNT_OF(PROBES); i++)
        PROBES[i](d);
    for (size_t i = 0; i < d->count; i++)
        if (d->findings[i].verdict == DOCTOR_BAD)
            return false;
    return true;
}
