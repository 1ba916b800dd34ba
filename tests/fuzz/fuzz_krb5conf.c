// fuzz_krb5conf: any text as krb5.conf and as kdc.conf. The tree is written and read again: the
// same tree; includes are not followed.
#include "config/kdcconf.h"
#include "config/krb5conf.h"
#include "fuzz.h"

static void round_trip(struct arena *a, struct slice text) {
    struct profile one, two;
    profile_init(&one, a);
    if (profile_parse_alone(&one, "fuzz", text, NULL) != OBOL_OK)
        return;
    struct writer w = writer_to_arena(a), again = writer_to_arena(a);
    profile_write(&one, &w);
    must_hold(writer_ok(&w));
    profile_init(&two, a);
    // A section may be called what cannot be written back ("a]b" cannot, "[" or "#x" can).
    if (profile_parse_alone(&two, "again", writer_slice(&w), NULL) != OBOL_OK)
        return;
    profile_write(&two, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 256 << 20))
        return 0;
    struct slice text = slice_of(data, size);
    struct krb5conf conf;
    struct kdcconf kdc;
    struct error err;
    error_init(&err);
    if (krb5conf_from_text(&conf, "fuzz", text, &a, &err) == OBOL_OK) {
        struct slice_list path;
        (void)krb5conf_host_realm(&conf, slice_sub(text, 0, 100));
        (void)!krb5conf_path(&conf, conf.default_realm, slice_sub(text, 3, 100), &a, &path);
        (void)krb5conf_appdefault(&conf, SLICE_LITERAL("kinit"), conf.default_realm,
                                  SLICE_LITERAL("forwardable"));
    }
    error_init(&err);
    (void)!kdcconf_from_text(&kdc, "fuzz", text, &a, &err);
    round_trip(&a, text);
    arena_reset(&a);
    return 0;
}
