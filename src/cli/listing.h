// listing.h: a list of what a realm holds: a table for people, or an array in JSON. Whoever fills
// it looks at c->json, and writes to the one or the other.
#ifndef OBOL_CLI_LISTING_H
#define OBOL_CLI_LISTING_H

#include "cli/output.h"

struct cli_listing {
    struct cli *c;
    struct cli_table table;
    struct cli_json json;
};
// cli_listing_begin takes the heads of the table, as cli_table_begin.
struct cli_listing cli_listing_begin(struct cli *c, const char *heads);
void cli_listing_end(struct cli_listing *l);

#endif
