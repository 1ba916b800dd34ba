// realm_path.c: see realm_path.h.
#include "krb/realm_path.h"

bool realm_is_below(struct slice realm, struct slice ancestor) {
    return realm.len > ancestor.len && realm.ptr[realm.len - ancestor.len - 1] == '.' &&
           slice_eq(slice_sub(realm, realm.len - ancestor.len, SIZE_MAX), ancestor);
}

struct slice realm_parent(struct slice realm) {
    return slice_sub(realm, slice_find(realm, '.') + 1, SIZE_MAX);
}

static bool is_at_or_above(struct slice realm, struct slice of) {
    return slice_eq(realm, of) || realm_is_below(of, realm);
}

bool realm_path_hierarchy(struct slice client, struct slice server, struct arena *a,
                          struct slice_list *via) {
    size_t most = 2;
    for (size_t i = 0; i < client.len + server.len; i++)
        most += (i < client.len ? client.ptr[i] : server.ptr[i - client.len]) == '.';
    via->items = arena_zalloc(a, most, sizeof *via->items);
    via->count = 0;
    if (!via->items)
        return false;
    struct slice common = client;
    while (common.len && !is_at_or_above(common, server))
        common = realm_parent(common);
    if (common.len == 0)
        return true;
    for (struct slice r = client; !slice_eq(r, common);) {
        r = realm_parent(r);
        if (!slice_eq(r, server))
            via->items[via->count++] = r;
    }
    // Downwards, farthest from the server first: gathered upwards, then turned round.
    size_t turn = via->count;
    struct slice r = slice_eq(server, common) ? common : realm_parent(server);
    for (; !slice_eq(r, common); r = realm_parent(r))
        via->items[via->count++] = r;
    for (size_t i = turn, j = via->count; i + 1 < j; i++) {
        struct slice swap = via->items[i];
        via->items[i] = via->items[--j];
        via->items[j] = swap;
    }
    return true;
}

bool realm_path_find(const struct realm_path_source *source, struct slice client,
                     struct slice server, struct arena *a, struct slice_list *via) {
    if (!source->find)
        return realm_path_hierarchy(client, server, a, via);
    return source->find(source->ctx, client, server, a, via);
}
