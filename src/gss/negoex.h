// negoex.h: the messages of NegoEx (draft-zhu-negoex-04, MS-NEGOEX), by which Windows negotiates
// beneath SPNEGO. None of its schemes is spoken here; they are read so that an error can say what
// a client that offers nothing else would have liked to speak.
#ifndef OBOL_GSS_NEGOEX_H
#define OBOL_GSS_NEGOEX_H

#include "base/arena.h"
#include "base/error.h"

#define NEGOEX_GUID_BYTES  16
#define NEGOEX_SCHEMES_MAX 16u

enum negoex_type { // draft-zhu-negoex-04 5.1
    NEGOEX_INITIATOR_NEGO = 0,
    NEGOEX_ACCEPTOR_NEGO = 1,
    NEGOEX_INITIATOR_META_DATA = 2,
    NEGOEX_ACCEPTOR_META_DATA = 3,
    NEGOEX_CHALLENGE = 4,
    NEGOEX_AP_REQUEST = 5,
    NEGOEX_VERIFY = 6,
    NEGOEX_ALERT = 7,
};

struct negoex_message {
    enum negoex_type type;
    uint32_t sequence;
    struct slice conversation; // NEGOEX_GUID_BYTES
    struct slice body;         // the whole message, from its signature on
    size_t scheme_count;       // of the NEGO messages: the schemes offered, NEGOEX_GUID_BYTES each
    struct slice schemes[NEGOEX_SCHEMES_MAX];
};

// negoex_read reads the first message of a token; *rest is what stands behind it.
MUST_USE enum obol_code negoex_read(struct slice token, struct negoex_message *out,
                                    struct slice *rest, struct error *err);
// negoex_scheme_write writes a scheme's GUID as Windows does: "5C33530D-EAF9-0D4D-...".
void negoex_scheme_write(struct writer *w, struct slice scheme);

#endif
