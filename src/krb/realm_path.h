// realm_path.h: the realms between two others by the hierarchy of their names (RFC 4120 1.2): what
// counts where nobody said anything else.
#ifndef OBOL_KRB_REALM_PATH_H
#define OBOL_KRB_REALM_PATH_H

#include "base/arena.h"
#include "proto/types.h"

// Who knows the realms that a ticket may come through between two others, both left out, nearest
// the client's first; false without memory. find NULL: the hierarchy of names.
struct realm_path_source {
    const void *ctx;
    bool (*find)(const void *ctx, struct slice client, struct slice server, struct arena *a,
                 struct slice_list *via);
};
MUST_USE bool realm_path_find(const struct realm_path_source *source, struct slice client,
                              struct slice server, struct arena *a, struct slice_list *via);
// realm_path_hierarchy goes up from the client's realm to the first that is above the server's,
// then down. Realms that have no ancestor in common are side by side: nothing is between them.
MUST_USE bool realm_path_hierarchy(struct slice client, struct slice server, struct arena *a,
                                   struct slice_list *via);
// realm_is_below: A.B.C is below B.C and below C.
bool realm_is_below(struct slice realm, struct slice ancestor);
struct slice realm_parent(struct slice realm);

#endif
