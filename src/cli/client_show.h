// client_show.h: what the ticket commands share: closing a cache, and tickets as tables and JSON.
#ifndef OBOL_CLI_CLIENT_SHOW_H
#define OBOL_CLI_CLIENT_SHOW_H

#include "cli/output.h"
#include "cred/ccache.h"

// cli_ccache_close is ccache_close for CLEANUP.
void cli_ccache_close(struct ccache **cache);
// cli_flags_text is the flags of a ticket by name: "forwardable, initial".
struct slice cli_flags_text(struct cli *c, uint32_t flags);
// cli_ticket_etype is the enctype that a Ticket is sealed with; 0 if it cannot be told.
int32_t cli_ticket_etype(struct cli *c, struct slice ticket);
// cli_ticket_json writes the members of one ticket into an open object.
void cli_ticket_json(struct cli_json *j, struct cli *c, const struct cred *cred);

#endif
