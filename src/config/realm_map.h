// realm_map.h: [domain_realm] and [capaths] of krb5.conf and kdc.conf: which realm a host is of,
// and through which realms the way leads to another.
#ifndef OBOL_CONFIG_REALM_MAP_H
#define OBOL_CONFIG_REALM_MAP_H

#include "config/profile.h"
#include "krb/realm_path.h"

// A line of [domain_realm]; `name` begins with '.' when it stands for all below a domain.
struct realm_map_domain {
    struct slice name, realm;
};
// A line of [capaths]: from the client's realm to the server's through `via`; empty: directly.
struct realm_map_path {
    struct slice client, server;
    struct slice_list via;
};
struct realm_map {
    struct realm_map_domain *domains;
    size_t domain_count;
    struct realm_map_path *paths;
    size_t path_count;
    const struct realm_map *next; // asked where this one says nothing; NULL: none
};

MUST_USE enum obol_code realm_map_load(struct realm_map *map, const struct profile *profile,
                                       struct arena *a, struct error *err);
// realm_map_host is the realm of a host: the host itself, then each domain above it, nearest first,
// with and without the leading dot. Case is folded. Empty if nothing is said.
struct slice realm_map_host(const struct realm_map *map, struct slice host);
// realm_map_find_path gives the realms between `client` and `server`, without both, nearest the
// client first: of [capaths], else by the hierarchy of names. False without memory. For a struct
// realm_path_source, whose ctx is a realm_map.
MUST_USE bool realm_map_find_path(const void *map, struct slice client, struct slice server,
                                  struct arena *a, struct slice_list *via);

#endif
