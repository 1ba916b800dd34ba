// listing.c: see listing.h.
#include "cli/listing.h"

struct cli_listing cli_listing_begin(struct cli *c, const char *heads) {
    struct cli_listing l = {.c = c};
    if (c->json) {
        l.json = json_begin(c);
        json_array(&l.json, NULL);
    } else {
        cli_table_begin(&l.table, c, heads);
    }
    return l;
}

void cli_listing_end(struct cli_listing *l) {
    if (l->c->json)
        json_end(&l->json);
    else
        cli_table_end(&l->table);
}
