// pki.c: see pki.h. The key of a certificate is its owner's alone; the certificate is for all.
#include "cli/pki.h"
#include "cred/pki_file.h"
#include "store/files.h"

struct slice pki_place(struct cli *c, const struct pki_options *o, const char *name) {
    return o->dir.len ? arena_printf(c->arena, "%.*s/%s", SLICE_ARG(o->dir), name)
                      : arena_printf(c->arena, "%.*s/pki/%s", SLICE_ARG(c->home), name);
}

static enum obol_code make_dir(struct cli *c, const struct pki_options *o, struct error *err) {
    const char *dir =
        o->dir.len ? cli_cstr(o->dir)
                   : arena_cstr(c->arena, arena_printf(c->arena, "%.*s/pki", SLICE_ARG(c->home)));
    ENSURE_MEMORY(dir);
    return files_make_directory(dir, err);
}

enum obol_code pki_write(struct cli *c, struct slice path, struct slice bytes, mode_t mode,
                         struct error *err) {
    const char *name = arena_cstr(c->arena, path);
    ENSURE_MEMORY(name);
    TRY(files_replace(name, bytes, mode == 0600, err));
    ENSURE(mode == 0600 || chmod(name, mode) == 0, IO, "the mode of %s cannot be set", name);
    return OBOL_OK;
}

enum obol_code pki_open_ca(struct cli *c, const struct pki_options *o, struct pki_identity **out,
                           struct slice *pem, struct error *err) {
    struct slice cert = pki_place(c, o, "ca.pem"), key = pki_place(c, o, "ca.key");
    enum obol_code code = pki_file_read(cert, c->arena, pem, err);
    if (code == OBOL_NOT_FOUND)
        error_remedy(err, "Make the CA first: obol pki ca.");
    TRY(code);
    return pki_identity_load(
        out, arena_printf(c->arena, "FILE:%.*s,%.*s", SLICE_ARG(cert), SLICE_ARG(key)), NULL, NULL,
        c->arena, err);
}

static void tell(struct cli *c, struct slice cert, struct slice key, struct slice name) {
    struct cli_json j = json_begin(c);
    if (!c->json) {
        cli_print(c, CLI_GOOD, "Certificate of %.*s", SLICE_ARG(name));
        cli_print(c, CLI_PLAIN, "\n  %.*s\n  %.*s\n", SLICE_ARG(cert), SLICE_ARG(key));
        return;
    }
    json_object(&j, NULL);
    json_text(&j, "name", name);
    json_text(&j, "certificate", cert);
    json_text(&j, "key", key);
    json_end(&j);
}

enum obol_code pki_make(struct cli *c, const struct pki_options *o, struct pki_wanted *wanted,
                        const char *stem, struct error *err) {
    CLEANUP(pki_close) struct pki_identity *ca = NULL;
    struct slice ca_pem = {0}, cert, key;
    struct slice cert_path = pki_place(c, o, cli_cstr(arena_printf(c->arena, "%s.pem", stem)));
    struct slice key_path = pki_place(c, o, cli_cstr(arena_printf(c->arena, "%s.key", stem)));
    if (!wanted->ca)
        TRY(pki_open_ca(c, o, &ca, &ca_pem, err));
    wanted->rsa = o->rsa;
    wanted->from = env_now(c->env);
    wanted->until = wanted->from + PKI_DAY * (o->days      ? o->days
                                              : wanted->ca ? PKI_DAYS_CA
                                                           : PKI_DAYS);
    TRY(make_dir(c, o, err));
    TRY(pki_issue(wanted, ca, c->arena, &cert, &key, err));
    TRY(pki_write(c, key_path, key, 0600, err));
    struct slice whole = arena_printf(c->arena, "%.*s%.*s", (int)cert.len, (const char *)cert.ptr,
                                      (int)ca_pem.len, (const char *)ca_pem.ptr);
    ENSURE_MEMORY(whole.ptr);
    TRY(pki_write(c, cert_path, whole, 0644, err));
    tell(c, cert_path, key_path, wanted->common_name);
    return OBOL_OK;
}
