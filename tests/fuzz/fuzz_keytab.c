// fuzz_keytab: any bytes as a keytab. What is read is written and read again: the same entries; and
// looked through for keys.
#include "cred/keytab.h"
#include "crypto/crypto.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 64 << 20))
        return 0;
    struct keytab_content one, two;
    if (keytab_parse(slice_of(data, size), "fuzz", &a, &one, NULL) == OBOL_OK) {
        struct writer w = writer_to_arena(&a);
        keytab_format(&w, one.entries, one.count);
        must_hold(writer_ok(&w));
        must_hold(keytab_parse(writer_slice(&w), "again", &a, &two, NULL) == OBOL_OK);
        must_hold(two.count == one.count);
        struct keytab_keys keys = {.content = &one, .path = "fuzz", .any_name = true};
        struct ap_key_source source = keytab_key_source(&keys);
        for (size_t i = 0; i < one.count && i < 8; i++) {
            must_hold(principal_eq(&one.entries[i].principal, &two.entries[i].principal));
            must_hold(slice_eq(one.entries[i].key.keyvalue, two.entries[i].key.keyvalue));
            must_hold(one.entries[i].kvno == two.entries[i].kvno);
            struct crypto_key *key;
            struct error err;
            error_init(&err);
            (void)!source.find(source.ctx, &one.entries[i].principal, one.entries[i].key.keytype, 7,
                               0, &a, &key, &err);
        }
    }
    arena_reset(&a);
    return 0;
}
