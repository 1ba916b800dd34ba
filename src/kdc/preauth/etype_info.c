// etype_info.c: what tells a client how to make its key: ETYPE-INFO2, ETYPE-INFO (RFC 4120 5.2.7.4,
// 5.2.7.5) and the METHOD-DATA that they stand in. PA-PW-SALT is never sent.
#include "kdc/cookie.h"
#include "kdc/preauth/preauth.h"

#define PADATA_MAX 16u

// RFC 4120 3.1.3: a request that lists any newer enctype gets ETYPE-INFO2 only.
static bool is_newer(int32_t etype) {
    return etype != ENCTYPE_RC4_HMAC && etype > 16;
}

static bool lists_newer(const struct int32_list *offered) {
    for (size_t i = 0; i < offered->count; i++) {
        if (is_newer(offered->items[i]))
            return true;
    }
    return false;
}

static enum obol_code info_of(struct exchange *x, const struct record_key *key,
                              struct etype_info2_entry *out) {
    struct error *err = &x->err;
    *out = (struct etype_info2_entry){.etype = key->enctype};
    struct slice salt = key->salt;
    uint32_t iterations = key->iterations;
    bool drawn = key->salt_type == RECORD_SALT_RANDOM;
    // rc4 takes no salt, and a key that was drawn at random has none; but that is not told where it
    // would show that there is such an account.
    if (key->enctype == ENCTYPE_RC4_HMAC || (drawn && !x->kdc->policy.hide_unknown_users))
        return OBOL_OK;
    if (drawn) {
        TRY(principal_salt(&x->client->principal, x->arena, &salt, err));
        iterations = decoy_iterations(x, key->enctype);
    }
    out->present = ETYPE_INFO2_ENTRY_SALT;
    out->salt = salt;
    if (iterations == 0)
        return OBOL_OK;
    // RFC 3962 4, 8009 4: the count in four bytes, big endian.
    struct writer w = writer_to_arena(x->arena);
    writer_be32(&w, iterations);
    ENSURE(writer_ok(&w), NO_MEMORY, "the parameters of string-to-key");
    out->present |= ETYPE_INFO2_ENTRY_S2KPARAMS;
    out->s2kparams = writer_slice(&w);
    return OBOL_OK;
}

// The keys that the client can use, in the order of its own preference.
static enum obol_code list_keys(struct exchange *x, struct etype_info2_list *out) {
    struct error *err = &x->err;
    const struct int32_list *offered = &x->req.req_body.etype;
    struct etype_info2_entry *items = arena_zalloc(x->arena, KDC_ENCTYPES_MAX, sizeof *items);
    ENSURE_MEMORY(items);
    *out = (struct etype_info2_list){items, 0};
    for (size_t i = 0; i < offered->count && out->count < KDC_ENCTYPES_MAX; i++) {
        size_t index = key_find(x->client, offered->items[i]);
        if (index == SIZE_MAX || !etype_is_for(x, offered->items[i]))
            continue;
        TRY(info_of(x, &x->client->record.keys.items[index], &items[out->count++]));
    }
    return OBOL_OK;
}

static enum obol_code add_old_info(struct exchange *x, const struct etype_info2_list *list,
                                   struct padata *out) {
    struct error *err = &x->err;
    struct etype_info_entry *items = arena_zalloc(x->arena, list->count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < list->count; i++) {
        const struct etype_info2_entry *from = &list->items[i];
        bool salted = (from->present & ETYPE_INFO2_ENTRY_SALT) != 0;
        items[i] = (struct etype_info_entry){
            .present = salted ? (uint32_t)ETYPE_INFO_ENTRY_SALT : 0u,
            .etype = from->etype,
            .salt = from->salt,
        };
    }
    struct etype_info_list old = {items, list->count};
    out->padata_type = PA_ETYPE_INFO;
    return der_encode(&TYPE_ETYPE_INFO, &old, x->arena, &out->padata_value, err);
}

static enum obol_code add_info(struct exchange *x, struct padata_list *list,
                               struct etype_info2_list *info) {
    struct error *err = &x->err;
    TRY(list_keys(x, info));
    if (info->count == 0)
        return OBOL_OK;
    if (!lists_newer(&x->req.req_body.etype))
        TRY(add_old_info(x, info, &list->items[list->count++]));
    struct padata *pa = &list->items[list->count++];
    pa->padata_type = PA_ETYPE_INFO2;
    return der_encode(&TYPE_ETYPE_INFO2, info, x->arena, &pa->padata_value, err);
}

// An answer to a stranger has less than twice the bytes of its question, lest it be sent to
// somebody else. What can be spared are the keys that the client would like less.
enum { ERROR_BYTES = 80, PADATA_BYTES = 13 }; // of a KRB-ERROR without names, of an empty PA-DATA

static bool is_long(const struct exchange *x, const struct padata_list *list) {
    const struct slice_list *name = &x->server_name.name.name_string;
    size_t bytes = ERROR_BYTES + x->kdc->realm.len;
    for (size_t i = 0; i < name->count; i++)
        bytes += name->items[i].len + 2;
    for (size_t i = 0; i < list->count; i++)
        bytes += list->items[i].padata_value.len + PADATA_BYTES;
    return !x->armor && bytes >= 2 * x->request->bytes.len;
}

static enum obol_code shorten(struct exchange *x, struct padata_list *list,
                              struct etype_info2_list *info) {
    struct padata *pa = list->items;
    if (info->count == 0)
        return OBOL_OK;
    while (pa->padata_type != PA_ETYPE_INFO2)
        pa++;
    while (info->count > 1 && is_long(x, list)) {
        info->count--;
        TRY(der_encode(&TYPE_ETYPE_INFO2, info, x->arena, &pa->padata_value, &x->err));
    }
    return OBOL_OK;
}

enum obol_code method_data(struct exchange *x) {
    struct error *err = &x->err;
    struct padata *items = arena_zalloc(x->arena, PADATA_MAX, sizeof *items);
    ENSURE_MEMORY(items);
    struct padata_list list = {items, 0};
    struct etype_info2_list info;
    TRY(add_info(x, &list, &info));
    // RFC 6113 5.4.2: that there is FAST is said to those who came without.
    if (!x->armor && x->kdc->policy.announce_fast)
        items[list.count++].padata_type = PA_FX_FAST;
    size_t at = 0;
    const struct preauth *m;
    while (list.count < PADATA_MAX - 3 && (m = preauth_offered(x, &at)) != NULL) {
        struct padata *pa = &items[list.count++];
        pa->padata_type = m->offered_as ? m->offered_as : m->type;
        if (m->advertise)
            TRY(m->advertise(x, &pa->padata_value));
    }
    TRY(pkinit_method_data(x, &list));
    // RFC 6113 5.2: the conversation can go on.
    if (x->cookie.padata_type)
        items[list.count++] = x->cookie;
    else
        cookie_plain(&items[list.count++]);
    x->methods = list;
    return shorten(x, &list, &info);
}

enum obol_code method_data_more(struct exchange *x) {
    struct error *err = &x->err;
    struct padata *items = arena_zalloc(x->arena, 4, sizeof *items);
    ENSURE_MEMORY(items);
    struct padata_list list = {items, 0};
    struct etype_info2_list info;
    // A client that brings no cookie did not wait to be asked, and was not told which key to use.
    bool unasked = !exchange_padata(x, PA_FX_COOKIE);
    if (unasked)
        TRY(add_info(x, &list, &info));
    items[list.count++] = x->preauth_data;
    items[list.count++] = x->cookie;
    x->methods = list;
    return unasked ? shorten(x, &list, &info) : OBOL_OK;
}

enum obol_code etype_info_of_reply(struct exchange *x, struct padata *out) {
    struct error *err = &x->err;
    struct etype_info2_entry entry;
    TRY(info_of(x, &x->client->record.keys.items[x->reply_key_index], &entry));
    struct etype_info2_list list = {&entry, 1};
    out->padata_type = PA_ETYPE_INFO2;
    return der_encode(&TYPE_ETYPE_INFO2, &list, x->arena, &out->padata_value, err);
}
