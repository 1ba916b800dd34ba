// realm_map.c: see realm_map.h.
#include "config/realm_map.h"
#include "config/schema_internal.h"

static size_t count_relations(const struct profile_node *section) {
    size_t n = 0;
    for (const struct profile_node *c = section ? section->children : NULL; c; c = c->next)
        n += !c->is_section;
    return n;
}

static enum obol_code load_domains(struct realm_map *map, const struct profile_node *section,
                                   struct arena *a, struct error *err) {
    map->domains = arena_zalloc(a, count_relations(section) + 1, sizeof *map->domains);
    ENSURE_MEMORY(map->domains);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        if (!n->is_section)
            map->domains[map->domain_count++] = (struct realm_map_domain){n->name, n->value};
    return OBOL_OK;
}

static const struct realm_map_path *find(const struct realm_map *map, struct slice client,
                                         struct slice server) {
    for (size_t i = 0; i < map->path_count; i++)
        if (slice_eq(map->paths[i].client, client) && slice_eq(map->paths[i].server, server))
            return &map->paths[i];
    return NULL;
}

static enum obol_code load_paths(struct realm_map *map, const struct profile_node *section,
                                 struct arena *a, struct error *err) {
    size_t count = 0;
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        count += count_relations(n);
    map->paths = arena_zalloc(a, count + 1, sizeof *map->paths);
    ENSURE_MEMORY(map->paths);
    for (const struct profile_node *n = section ? section->children : NULL; n; n = n->next)
        for (const struct profile_node *v = n->children; v; v = v->next) {
            if (v->is_section || find(map, n->name, v->name))
                continue;
            struct realm_map_path *path = &map->paths[map->path_count++];
            *path = (struct realm_map_path){.client = n->name, .server = v->name};
            TRY(config_list(v, true, a, &path->via, err));
            // A '.' says that there is nothing between.
            if (path->via.count == 1 && slice_eq_str(path->via.items[0], "."))
                path->via.count = 0;
        }
    return OBOL_OK;
}

enum obol_code realm_map_load(struct realm_map *map, const struct profile *profile, struct arena *a,
                              struct error *err) {
    *map = (struct realm_map){0};
    TRY(load_domains(map, profile_section(profile, NULL, SLICE_LITERAL("domain_realm")), a, err));
    return load_paths(map, profile_section(profile, NULL, SLICE_LITERAL("capaths")), a, err);
}

static struct slice host_in(const struct realm_map *map, struct slice host) {
    // web.example.com, .example.com, example.com, .com, com
    while (host.len) {
        for (size_t i = 0; i < map->domain_count; i++)
            if (slice_eq_nocase(map->domains[i].name, host))
                return map->domains[i].realm;
        size_t next = host.ptr[0] == '.' ? 1 : slice_find(host, '.');
        host = slice_sub(host, next, SIZE_MAX);
    }
    return (struct slice){0};
}

struct slice realm_map_host(const struct realm_map *map, struct slice host) {
    struct slice realm = {0};
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    for (; map && realm.len == 0; map = map->next)
        realm = host_in(map, host);
    return realm;
}

bool realm_map_find_path(const void *ctx, struct slice client, struct slice server, struct arena *a,
                         struct slice_list *via) {
    for (const struct realm_map *map = ctx; map; map = map->next) {
        const struct realm_map_path *said = find(map, client, server);
        if (!said)
            continue;
        *via = said->via;
        return true;
    }
    return realm_path_hierarchy(client, server, a, via);
}
