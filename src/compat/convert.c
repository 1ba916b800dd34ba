// convert.c: see convert.h.
#include "compat/convert.h"
#include "base/ct.h"
#include <stdlib.h>

#define COMPONENTS_MAX 1024

void wipe_free(void *p, size_t len) {
    if (p)
        wipe(p, len);
    free(p);
}

enum obol_code principal_in(krb5_const_principal p, struct arena *a, struct principal *out,
                            struct error *err) {
    ENSURE(p, NAME_MALFORMED, "the principal is NULL");
    ENSURE(p->length >= 0 && p->length <= COMPONENTS_MAX && (p->length == 0 || p->data),
           NAME_MALFORMED, "the principal has %d components", p->length);
    size_t count = (size_t)p->length;
    struct slice *items = arena_zalloc(a, count + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (size_t i = 0; i < count; i++)
        items[i] = data_in(&p->data[i]);
    *out = (struct principal){.realm = data_in(&p->realm), .name = {p->type, {items, count}}};
    return OBOL_OK;
}

enum obol_code addresses_in(krb5_address *const *list, struct arena *a,
                            struct host_address_list *out, struct error *err) {
    size_t n = 0;
    while (list && list[n])
        n++;
    *out = (struct host_address_list){arena_zalloc(a, n + 1, sizeof *out->items), n};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < n; i++)
        out->items[i] =
            (struct host_address){list[i]->addrtype, slice_of(list[i]->contents, list[i]->length)};
    return OBOL_OK;
}

enum obol_code authdata_in(krb5_authdata *const *list, struct arena *a, struct authdata_list *out,
                           struct error *err) {
    size_t n = 0;
    while (list && list[n])
        n++;
    *out = (struct authdata_list){arena_zalloc(a, n + 1, sizeof *out->items), n};
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < n; i++)
        out->items[i] =
            (struct authdata){list[i]->ad_type, slice_of(list[i]->contents, list[i]->length)};
    return OBOL_OK;
}

enum obol_code cred_in(const krb5_creds *c, struct arena *a, struct cred *out, struct error *err) {
    ENSURE(c, INVALID_ARGUMENT, "the credentials are NULL");
    *out = (struct cred){
        .key = {c->keyblock.enctype, keyblock_in(&c->keyblock)},
        .authtime = time_in(c->times.authtime),
        .starttime = time_in(c->times.starttime),
        .endtime = time_in(c->times.endtime),
        .renew_till = time_in(c->times.renew_till),
        .flags = (uint32_t)c->ticket_flags,
        .is_skey = c->is_skey != 0,
        .ticket = data_in(&c->ticket),
        .second_ticket = data_in(&c->second_ticket),
    };
    TRY(principal_in(c->client, a, &out->client, err));
    TRY(principal_in(c->server, a, &out->server, err));
    TRY(addresses_in(c->addresses, a, &out->addresses, err));
    return authdata_in(c->authdata, a, &out->authdata, err);
}

void *bytes_out(struct slice s) {
    uint8_t *p = malloc(s.len + 1);
    if (!p)
        return NULL;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return p;
}

bool data_out(krb5_data *out, struct slice s) {
    *out = (krb5_data){.magic = KV5M_DATA};
    if (s.len > UINT32_MAX || !(out->data = bytes_out(s)))
        return false;
    out->length = (unsigned)s.len;
    return true;
}

bool principal_out(krb5_principal *out, const struct principal *p) {
    *out = NULL;
    size_t count = p->name.name_string.count;
    krb5_principal made = calloc(1, sizeof *made);
    if (!made)
        return false;
    made->magic = KV5M_PRINCIPAL;
    made->type = p->name.name_type;
    made->data = calloc(count + 1, sizeof *made->data);
    bool ok = made->data && data_out(&made->realm, p->realm);
    for (size_t i = 0; ok && i < count; i++) {
        made->length = (krb5_int32)(i + 1);
        ok = data_out(&made->data[i], p->name.name_string.items[i]);
    }
    if (!ok) {
        krb5_free_principal(NULL, made);
        return false;
    }
    *out = made;
    return true;
}

bool keyblock_out(krb5_keyblock *out, int32_t enctype, struct slice bytes) {
    *out = (krb5_keyblock){.magic = KV5M_KEYBLOCK, .enctype = enctype};
    out->contents = bytes_out(bytes);
    if (!out->contents)
        return false;
    out->length = (unsigned)bytes.len;
    return true;
}

krb5_address *address_out(int32_t type, struct slice bytes) {
    krb5_address *made = calloc(1, sizeof *made);
    void *contents = made ? bytes_out(bytes) : NULL;
    if (!contents) {
        free(made);
        return NULL;
    }
    *made = (krb5_address){KV5M_ADDRESS, type, (unsigned)bytes.len, contents};
    return made;
}

bool addresses_out(krb5_address ***out, const struct host_address_list *list) {
    *out = NULL;
    if (list->count == 0)
        return true;
    krb5_address **made = calloc(list->count + 1, sizeof(krb5_address *));
    bool ok = made != NULL;
    for (size_t i = 0; ok && i < list->count; i++)
        ok = (made[i] = address_out(list->items[i].addr_type, list->items[i].address)) != NULL;
    if (!ok) {
        krb5_free_addresses(NULL, made);
        return false;
    }
    *out = made;
    return true;
}

bool authdata_out(krb5_authdata ***out, const struct authdata_list *list) {
    *out = NULL;
    if (list->count == 0)
        return true;
    krb5_authdata **made = calloc(list->count + 1, sizeof(krb5_authdata *));
    bool ok = made != NULL;
    for (size_t i = 0; ok && i < list->count; i++) {
        made[i] = calloc(1, sizeof(krb5_authdata));
        ok = made[i] && (made[i]->contents = bytes_out(list->items[i].ad_data));
        if (!ok)
            break;
        made[i]->magic = KV5M_AUTHDATA;
        made[i]->ad_type = list->items[i].ad_type;
        made[i]->length = (unsigned)list->items[i].ad_data.len;
    }
    if (!ok) {
        krb5_free_authdata(NULL, made);
        return false;
    }
    *out = made;
    return true;
}

bool cred_out(krb5_creds *out, const struct cred *c) {
    *out = (krb5_creds){
        .magic = KV5M_CREDS,
        .times = {time_out(c->authtime), time_out(c->starttime), time_out(c->endtime),
                  time_out(c->renew_till)},
        .is_skey = c->is_skey,
        .ticket_flags = (krb5_flags)c->flags,
    };
    bool ok = principal_out(&out->client, &c->client) && principal_out(&out->server, &c->server) &&
              keyblock_out(&out->keyblock, c->key.keytype, c->key.keyvalue) &&
              addresses_out(&out->addresses, &c->addresses) && data_out(&out->ticket, c->ticket) &&
              data_out(&out->second_ticket, c->second_ticket) &&
              authdata_out(&out->authdata, &c->authdata);
    if (!ok)
        krb5_free_cred_contents(NULL, out);
    return ok;
}

bool entry_out(krb5_keytab_entry *out, const struct keytab_entry *e) {
    *out = (krb5_keytab_entry){
        .magic = KV5M_KEYTAB_ENTRY,
        .timestamp = time_out(e->timestamp),
        .vno = e->kvno,
    };
    bool ok = principal_out(&out->principal, &e->principal) &&
              keyblock_out(&out->key, e->key.keytype, e->key.keyvalue);
    if (!ok)
        (void)krb5_free_keytab_entry_contents(NULL, out);
    return ok;
}
