// fuzz_kpasswd.c: the service that changes passwords. The first byte chooses whether the rest is
// the request as it stands, or what a client that holds a ticket seals: the data of its KRB-PRIV,
// in either version, or the KRB-PRIV's place itself.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../admin/kpasswd_client.h"
#include "fuzz.h"
#include "store/backend.h"

static struct arena arena;
static struct admin *adm;
static int32_t one_enctype[] = {ENCTYPE_AES128_SHA1};

static void make_realm(void) {
    char home[] = "/tmp/obol-fuzz-kpasswd-XXXXXX", path[64];
    const struct admin_options o = {
        .home = home, .ops = &STORE_MEMORY, .realm = SLICE_LITERAL("EXAMPLE.COM")};
    const struct admin_new_principal p = {.name = SLICE_LITERAL("alice"), .kind = ADMIN_USER};
    if (!mkdtemp(home) || !arena_init(&arena, 1 << 18, 16 << 20))
        abort();
    kpasswd_must(admin_realm_create(&adm, &o, env_system(), NULL));
    adm->enctypes = (struct int32_list){one_enctype, 1};
    kpasswd_must(admin_principal_add(adm, &p, NULL));
    snprintf(path, sizeof path, "%s/kdc.conf", home);
    unlink(path);
    snprintf(path, sizeof path, "%s/master.key", home);
    unlink(path);
    rmdir(home);
}

// The KRB-PRIV of a good request gives way to other bytes.
static struct slice replace_priv(struct slice request, struct slice bytes) {
    struct kpasswd_frame frame;
    struct slice out = {0};
    kpasswd_must(kpasswd_frame_read(request, &frame, NULL));
    frame.rest = bytes;
    (void)!kpasswd_frame_write(&frame, &arena, &out, NULL);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!adm)
        make_realm();
    if (size == 0)
        return 0;
    arena_reset(&arena);
    struct kpasswd_wish w = {.client = "alice",
                             .service = KPASSWD_PRINCIPAL,
                             .ticket_flags = (uint32_t)TKT_INITIAL,
                             .version = data[0] & 1 ? KPASSWD_VERSION_SET : KPASSWD_VERSION_CHANGE};
    struct slice rest = slice_of(data + 1, size - 1), request = rest;
    struct ap_req_sent sent;
    // A password takes string-to-key long: one that is good is asked for seldom.
    if (data[0] & 2)
        w.data = data[0] & 1 || rest.len == 0 ? rest : slice_sub(rest, 0, 0);
    if (data[0] & 6)
        request = kpasswd_request(adm, &w, &arena, &sent);
    if (data[0] & 4)
        request = replace_priv(request, rest);
    struct kpasswd kpasswd = {.adm = adm, .clockskew = 300};
    struct kpasswd_done done;
    enum obol_code code = kpasswd_answer(&kpasswd, request, &arena, &done, NULL);
    struct kpasswd_frame frame;
    // What it answers is a frame; what it does not understand gets none.
    if (done.reply.len && kpasswd_frame_read(done.reply, &frame, NULL) != OBOL_OK)
        abort();
    if (code == OBOL_FORMAT && done.reply.len && !(data[0] & 6))
        abort();
    return 0;
}
