// cred.c: see cred.h.
#include "cred/cred.h"

static enum obol_code copy_slice(struct slice from, struct arena *a, struct slice *out,
                                 struct error *err) {
    ENSURE(arena_copy(a, from, out), NO_MEMORY, "the request's memory is used up");
    return OBOL_OK;
}

// A client may be missing and a server empty: caches hold such entries, and principal_copy takes
// any shape.
enum obol_code cred_copy(const struct cred *from, struct arena *a, struct cred *out,
                         struct error *err) {
    *out = *from;
    TRY(principal_copy(&from->client, a, &out->client, err));
    TRY(principal_copy(&from->server, a, &out->server, err));
    TRY(copy_slice(from->key.keyvalue, a, &out->key.keyvalue, err));
    TRY(copy_slice(from->ticket, a, &out->ticket, err));
    TRY(copy_slice(from->second_ticket, a, &out->second_ticket, err));
    out->addresses.items = arena_zalloc(a, from->addresses.count + 1, sizeof(struct host_address));
    out->authdata.items = arena_zalloc(a, from->authdata.count + 1, sizeof(struct authdata));
    ENSURE_MEMORY(out->addresses.items);
    ENSURE_MEMORY(out->authdata.items);
    for (size_t i = 0; i < from->addresses.count; i++) {
        out->addresses.items[i].addr_type = from->addresses.items[i].addr_type;
        TRY(copy_slice(from->addresses.items[i].address, a, &out->addresses.items[i].address, err));
    }
    for (size_t i = 0; i < from->authdata.count; i++) {
        out->authdata.items[i].ad_type = from->authdata.items[i].ad_type;
        TRY(copy_slice(from->authdata.items[i].ad_data, a, &out->authdata.items[i].ad_data, err));
    }
    return OBOL_OK;
}

bool cred_is_config(const struct cred *c) {
    return slice_eq_str(c->server.realm, "X-CACHECONF:") && c->server.name.name_string.count > 0 &&
           slice_eq_str(c->server.name.name_string.items[0], "krb5_ccache_conf_data");
}

// Heimdal sets the end alone, MIT krb5 also authtime, so that what has neither (configuration
// entries, gssproxy's) is told apart.
bool cred_is_removed(const struct cred *c) {
    return c->endtime == 0 && c->authtime != 0;
}
