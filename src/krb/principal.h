// principal.h: principal names (RFC 4120 6): a realm and a name of components. Realms and
// components are counted bytes and compared exactly; the name type is a hint and never compared.
#ifndef OBOL_KRB_PRINCIPAL_H
#define OBOL_KRB_PRINCIPAL_H

#include "base/arena.h"
#include "base/error.h"
#include "proto/messages.h"

struct principal {
    struct slice realm;
    struct principal_name name;
};

// principal_parse reads "alice", "alice@REALM", "HTTP/web.example.com@REALM": '/' separates
// components, '@' the realm, a backslash quotes either (and \n \t \b \0). Without a realm,
// `default_realm` is taken; CONFIG_NO_REALM if that is empty. The name type is `name_type`, or by
// shape when it is NT_UNKNOWN: krbtgt/X is NT_SRV_INST, two components NT_SRV_HST, else
// NT_PRINCIPAL. The result lives in the arena.
MUST_USE enum obol_code principal_parse(struct slice text, struct slice default_realm,
                                        int32_t name_type, struct arena *a, struct principal *out,
                                        struct error *err);
// principal_write is its reverse, with the realm.
void principal_write(struct writer *w, const struct principal *p);
// principal_name_write writes the components without a realm, quoted.
void principal_name_write(struct writer *w, const struct principal_name *name);
// principal_text is principal_write into the arena; for errors and logs. Empty past the limit.
struct slice principal_text(const struct principal *p, struct arena *a);
bool principal_name_eq(const struct principal_name *a, const struct principal_name *b);
bool principal_eq(const struct principal *a, const struct principal *b);
// principal_copy makes a copy whose bytes all live in the arena.
MUST_USE enum obol_code principal_copy(const struct principal *from, struct arena *a,
                                       struct principal *out, struct error *err);
// principal_krbtgt is krbtgt/`target`@`realm`: the TGS of realm for tickets into target.
MUST_USE enum obol_code principal_krbtgt(struct slice target, struct slice realm, struct arena *a,
                                         struct principal *out, struct error *err);
// principal_is_krbtgt: two components, the first "krbtgt", whatever the name type.
bool principal_is_krbtgt(const struct principal_name *name);
// principal_name_is_anonymous: WELLKNOWN/ANONYMOUS, in whatever realm. principal_is_anonymous: in
// the anonymous realm too, so that nobody but its KDC vouches for it and nothing tells where it is
// from (RFC 8062 3).
bool principal_name_is_anonymous(const struct principal_name *name);
bool principal_is_anonymous(const struct principal *p);
// principal_anonymous is WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS; static.
struct principal principal_anonymous(void);
// principal_check refuses what RFC 4120 does not allow or no deployed KDC accepts: no component,
// more than 16 of them, NUL bytes, an empty realm, more than 1024 bytes in all.
MUST_USE enum obol_code principal_check(const struct principal *p, struct error *err);
// principal_salt is the default salt: the realm and the components, joined (RFC 4120 4).
MUST_USE enum obol_code principal_salt(const struct principal *p, struct arena *a,
                                       struct slice *out, struct error *err);

#endif
