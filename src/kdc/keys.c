// keys.c: which key does what (RFC 4120 3.1.3 "Generation of KRB_AS_REP message", 3.3.3). The key
// of the ticket is the service's strongest, whatever the client offers: it never opens a ticket.
// The session key is the client's first that both can use, chosen independently of it. A number of
// an enctype that is not known, or 0, never stands for a default.
#include "kdc/exchange.h"

bool etype_is_permitted(const struct kdc *kdc, int32_t etype) {
    for (size_t i = 0; i < kdc->etype_count; i++) {
        if (kdc->etypes[i] == etype)
            return true;
    }
    return false;
}

bool etype_is_for(const struct exchange *x, int32_t etype) {
    bool guarded = (x->client->record.flags & RECORD_PROTECTED) != 0;
    return etype_is_permitted(x->kdc, etype) && !(guarded && enctype_is_weak(enctype_find(etype)));
}

size_t key_find(const struct entry *e, int32_t etype) {
    for (size_t i = 0; i < e->current; i++) {
        if (e->record.keys.items[i].enctype == etype)
            return i;
    }
    return SIZE_MAX;
}

bool key_is_outdone(const struct kdc *kdc, const struct entry *e, size_t index) {
    const struct record_key_list *keys = &e->record.keys;
    const struct record_key *key = &keys->items[index];
    const struct enctype *own = enctype_find(key->enctype);
    if (!own || !enctype_is_weak(own))
        return false;
    for (size_t i = 0; i < kdc->etype_count && kdc->etypes[i] != key->enctype; i++)
        for (size_t k = 0; k < keys->count; k++)
            if (keys->items[k].enctype == kdc->etypes[i] && keys->items[k].kvno == key->kvno)
                return true;
    return false;
}

size_t key_first(const struct kdc *kdc, const struct entry *e, uint32_t kvno) {
    for (size_t i = 0; i < e->record.keys.count; i++)
        if (e->record.keys.items[i].kvno == kvno && !key_is_outdone(kdc, e, i))
            return i;
    return SIZE_MAX;
}

static void write_etype(struct writer *w, int32_t etype) {
    const struct enctype *e = enctype_find(etype);
    if (w->len)
        writer_str(w, " ");
    if (e)
        writer_str(w, enctype_name(e));
    else
        writer_printf(w, "%d", etype);
}

enum obol_code keys_no_common(struct exchange *x, const struct entry *e, const char *what) {
    const struct int32_list *offered = &x->req.req_body.etype;
    struct writer client = writer_to_arena(x->arena), held = writer_to_arena(x->arena);
    for (size_t i = 0; i < offered->count && i < KDC_ENCTYPES_MAX; i++)
        write_etype(&client, offered->items[i]);
    for (size_t i = 0; i < e->current && i < KDC_ENCTYPES_MAX; i++)
        write_etype(&held, e->record.keys.items[i].enctype);
    struct slice offered_text = writer_slice(&client), held_text = writer_slice(&held);
    error_fact(&x->err, "enctypes offered", "%.*s", SLICE_ARG(offered_text));
    error_fact(&x->err, "enctypes held", "%.*s", SLICE_ARG(held_text));
    return error_set(&x->err, OBOL_KDC_ERR_ETYPE_NOSUPP, __func__,
                     "no enctype for the %s: the client offers %.*s; %.*s has keys of %.*s", what,
                     SLICE_ARG(offered_text), SLICE_ARG(e->record.name), SLICE_ARG(held_text));
}

enum obol_code keys_choose_session(struct exchange *x) {
    const struct int32_list *offered = &x->req.req_body.etype;
    // RFC 4120 3.1.3: in the client's order, as MIT's and AD's KDCs do it too. A client that gets
    // another than its first asks the service for that one (RFC 4537) with every token.
    for (size_t i = 0; i < offered->count; i++) {
        int32_t etype = offered->items[i];
        if (!etype_is_permitted(x->kdc, etype) || key_find(x->server, etype) == SIZE_MAX)
            continue;
        x->session_etype = etype;
        x->event->session_etype = etype;
        return OBOL_OK;
    }
    return keys_no_common(x, x->server, "session key");
}

enum obol_code keys_choose_ticket(struct exchange *x) {
    struct error *err = &x->err;
    for (size_t i = 0; i < x->kdc->etype_count; i++) {
        size_t index = key_find(x->server, x->kdc->etypes[i]);
        if (index == SIZE_MAX)
            continue;
        TRY(cache_key(x->kdc->cache, x->server, index, x->arena, &x->ticket_key, err));
        x->ticket_kvno = x->server->kvno;
        x->event->ticket_etype = x->kdc->etypes[i];
        x->event->service_kvno = x->ticket_kvno;
        return OBOL_OK;
    }
    return keys_no_common(x, x->server, "ticket");
}
