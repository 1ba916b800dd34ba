// kadm5_serve.c: the driver of kadmin's procedures: reads the arguments, runs the procedure's row
// and writes its results; what the procedures ask in common; see kadm5_serve.h.
#include "admin/kadm5_serve.h"
#include "krb/kpasswd.h"
#include "proto/codes.h"

enum { KEYSALT_LAST = 4 }; // salt types of MIT krb5, from normal to special

// ---- rights

static bool is_changepw(const struct serve *s) {
    return slice_eq_str(s->call->service, KPASSWD_PRINCIPAL);
}

enum obol_code serve_allow_operation(struct serve *s, enum acl_operation operation,
                                     const struct principal *target, struct error *err) {
    static const struct acl nobody = {0};
    const struct acl *acl = s->k->acl ? s->k->acl : &nobody;
    const struct principal *client = &s->call->client;
    struct slice whom = target ? principal_text(target, s->arena) : SLICE_LITERAL("the realm");
    s->own = target && principal_eq(client, target);
    bool reached =
        !is_changepw(s) || s->row->reach == SERVE_ANY || (s->row->reach == SERVE_HIMSELF && s->own);
    s->status = s->row->denied;
    ENSURE(reached, PERMISSION,
           "with %s one changes one's own password, and no more; this is to %s: %.*s",
           KPASSWD_PRINCIPAL, ACL_RULES[operation].name, SLICE_ARG(whom));
    ENSURE(acl_decide(acl, operation, client, target, &s->restrictions), PERMISSION,
           "%.*s may not %s: %.*s", SLICE_ARG(s->call->client_text), ACL_RULES[operation].name,
           SLICE_ARG(whom));
    s->status = 0;
    return OBOL_OK;
}

enum obol_code serve_allow(struct serve *s, const struct principal *target, struct error *err) {
    return serve_allow_operation(s, s->row->operation, target, err);
}

enum obol_code serve_unlocked(struct serve *s, struct error *err) {
    s->status = s->row->denied;
    if (s->found)
        TRY(op_keys_unlocked(s->k->adm, &s->record, err));
    s->status = 0;
    return OBOL_OK;
}

enum obol_code serve_not_needed(struct serve *s, const struct principal *p, struct error *err) {
    struct principal own;
    TRY(principal_krbtgt(s->k->adm->realm, s->k->adm->realm, s->arena, &own, err));
    s->status = KADM5_E_PROTECT_PRINCIPAL;
    // Who could give himself a service of kadmin would have its keys, and with them tickets of
    // anybody.
    ENSURE(!principal_eq(p, &own) && !op_is_mits(p) && !op_is_kadmins(p), KDC_ERR_POLICY,
           "%.*s is one of the names that a realm itself needs: use kadmin.local on the KDC",
           SLICE_ARG(principal_text(p, s->arena)));
    s->status = 0;
    return OBOL_OK;
}

// ---- who asks

// A context lasts as long as its ticket, MIT krb5's, too, where the access list alone is asked.
static enum obol_code check_client(struct serve *s, struct error *err) {
    const struct kadm5_call *call = s->call;
    const struct op_client client = {&call->client, call->client_text, call->authtime,
                                     s->k->clockskew};
    return op_client_lives(s->k->adm, &client, s->arena, err);
}

// ---- who it is about

enum obol_code serve_find(struct serve *s, struct slice name, struct error *err) {
    struct admin *adm = s->k->adm;
    s->status = KADM5_E_BAD_PRINCIPAL;
    s->found = false;
    ENSURE(name.ptr, NAME_MALFORMED, "no principal is named");
    TRY(principal_parse(name, adm->realm, NT_UNKNOWN, s->arena, &s->target, err));
    TRY(principal_check(&s->target, err));
    s->status = 0;
    s->done->target = principal_text(&s->target, s->arena);
    struct error why;
    error_init(&why);
    enum obol_code code = admin_principal_get(adm, s->done->target, s->arena, &s->record, &why);
    // A name of another realm is of nobody here.
    if (code == OBOL_PRINCIPAL_NOT_FOUND || code == OBOL_NAME_MALFORMED)
        return OBOL_OK;
    if (code != OBOL_OK)
        return error_set(err, code, why.where, "%s", why.detail);
    s->found = true;
    return principal_parse(s->record.name, adm->realm, NT_UNKNOWN, s->arena, &s->target, err);
}

enum obol_code serve_existing(struct serve *s, struct error *err) {
    TRY(serve_find(s, s->in.name, err));
    TRY(serve_allow(s, &s->target, err));
    ENSURE(s->found, PRINCIPAL_NOT_FOUND, "%.*s", SLICE_ARG(s->done->target));
    return OBOL_OK;
}

// ---- what comes along

enum obol_code serve_enctypes(struct serve *s, struct int32_list *out, struct error *err) {
    const struct kadm5_keysalt_list *list = &s->in.keysalts;
    *out = (struct int32_list){arena_zalloc(s->arena, list->count + 1, sizeof *out->items), 0};
    ENSURE_MEMORY(out->items);
    s->status = KADM5_E_BAD_KEYSALTS;
    for (size_t i = 0; i < list->count; i++) {
        const struct kadm5_keysalt *k = &list->items[i];
        // The salt types are of the past: it is the normal one that is made in any case.
        ENSURE(enctype_find(k->enctype) && k->salt_type >= 0 && k->salt_type <= KEYSALT_LAST,
               INVALID_ARGUMENT, "there is no key of enctype %d and salt type %d", k->enctype,
               k->salt_type);
        size_t at = 0;
        while (at < out->count && out->items[at] != k->enctype)
            at++;
        out->items[at] = k->enctype;
        out->count += at == out->count;
    }
    s->status = 0;
    return OBOL_OK;
}

enum obol_code serve_pattern(struct serve *s, struct error *err) {
    ENSURE(s->in.name.len <= RECORD_NAME_MAX, INVALID_ARGUMENT,
           "a pattern of %zu bytes; names have at most %d", s->in.name.len, RECORD_NAME_MAX);
    return OBOL_OK;
}

enum obol_code serve_password(struct serve *s, struct error *err) {
    s->status = KADM5_E_PASS_Q_TOOSHORT;
    ENSURE(s->in.password.len, PASSWORD_REFUSED, "the password is empty");
    s->status = KADM5_E_PASS_Q_GENERIC;
    ENSURE(s->in.password.len <= ADMIN_PASSWORD_MAX, PASSWORD_REFUSED,
           "the password has %zu bytes; at most %d", s->in.password.len, ADMIN_PASSWORD_MAX);
    s->status = 0;
    return OBOL_OK;
}

enum obol_code serve_names_add(struct serve_names *n, struct slice name, struct error *err) {
    struct slice_list *list = &n->serve->out.names;
    struct arena *a = n->serve->arena;
    size_t most = n->serve->k->list_max;
    n->bytes += 4 + (name.len + 4) / 4 * 4; // its length; it with its NUL, in units of XDR
    if (most && n->bytes > most)
        error_remedy(err, "Ask for a part of them (listprincs 'a*'), or list them by kadmin.local "
                          "on the KDC.");
    ENSURE(!most || n->bytes <= most, KRB_ERR_FIELD_TOOLONG,
           "the list has more than %zu names, and %zu bytes of them go into one reply", list->count,
           most);
    if (list->count == n->room) {
        n->room = n->room ? 2 * n->room : 64;
        struct slice *items = arena_zalloc(a, n->room, sizeof *items);
        ENSURE_MEMORY(items);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    ENSURE(arena_copy(a, name, &list->items[list->count++]), NO_MEMORY,
           "%zu names are more than one reply holds", list->count);
    return OBOL_OK;
}

// ---- the procedures

static enum obol_code serve_init(struct serve *s, struct error *err) {
    UNUSED(err);
    s->done->target = s->call->client_text;
    return OBOL_OK;
}

static enum obol_code serve_privileges(struct serve *s, struct error *err) {
    UNUSED(err);
    uint32_t all = s->k->acl ? acl_privileges(s->k->acl, &s->call->client) : 0;
    s->out.mask = (all & ACL_INQUIRE ? KADM5_PRIVILEGE_GET : 0) |
                  (all & ACL_ADD ? KADM5_PRIVILEGE_ADD : 0) |
                  (all & ACL_MODIFY ? KADM5_PRIVILEGE_MODIFY : 0) |
                  (all & ACL_DELETE ? KADM5_PRIVILEGE_DELETE : 0);
    s->done->target = s->call->client_text;
    return OBOL_OK;
}

#define ROW(operation, denied, reach, run)                                                         \
    { ACL_OP_##operation, KADM5_E_AUTH_##denied, SERVE_##reach, run }
static const struct serve_row ROWS[KADM5_PROCEDURES] = {
    [KADM5_CREATE_PRINCIPAL] = ROW(ADD_PRINCIPAL, ADD, ADMIN_ONLY, serve_create),
    [KADM5_DELETE_PRINCIPAL] = ROW(DELETE_PRINCIPAL, DELETE, ADMIN_ONLY, serve_delete),
    [KADM5_MODIFY_PRINCIPAL] = ROW(MODIFY_PRINCIPAL, MODIFY, ADMIN_ONLY, serve_modify),
    [KADM5_RENAME_PRINCIPAL] = ROW(RENAME_FROM, INSUFFICIENT, ADMIN_ONLY, serve_rename),
    [KADM5_GET_PRINCIPAL] = ROW(GET_PRINCIPAL, GET, HIMSELF, serve_get),
    [KADM5_CHANGE_PASSWORD] = ROW(CHANGE_PASSWORD, CHANGEPW, HIMSELF, serve_change_password),
    [KADM5_RANDOM_KEY] = ROW(RANDOM_KEY, CHANGEPW, HIMSELF, serve_random_key),
    [KADM5_CREATE_POLICY] = ROW(ADD_POLICY, ADD, ADMIN_ONLY, serve_create_policy),
    [KADM5_DELETE_POLICY] = ROW(DELETE_POLICY, DELETE, ADMIN_ONLY, serve_delete_policy),
    [KADM5_MODIFY_POLICY] = ROW(MODIFY_POLICY, MODIFY, ADMIN_ONLY, serve_modify_policy),
    [KADM5_GET_POLICY] = ROW(GET_POLICY, GET, ADMIN_ONLY, serve_get_policy),
    [KADM5_GET_PRIVILEGES] = ROW(GET_PRINCIPAL, GET, ANY, serve_privileges),
    [KADM5_INIT] = ROW(GET_PRINCIPAL, GET, ANY, serve_init),
    [KADM5_LIST_PRINCIPALS] = ROW(LIST_PRINCIPALS, LIST, ADMIN_ONLY, serve_list),
    [KADM5_LIST_POLICIES] = ROW(LIST_POLICIES, LIST, ADMIN_ONLY, serve_list_policies),
    [KADM5_SET_KEY] = ROW(SET_KEY, SETKEY, ADMIN_ONLY, serve_set_key),
    [KADM5_CREATE_PRINCIPAL_3] = ROW(ADD_PRINCIPAL, ADD, ADMIN_ONLY, serve_create),
    [KADM5_CHANGE_PASSWORD_3] = ROW(CHANGE_PASSWORD, CHANGEPW, HIMSELF, serve_change_password),
    [KADM5_RANDOM_KEY_3] = ROW(RANDOM_KEY, CHANGEPW, HIMSELF, serve_random_key),
    [KADM5_SET_KEY_3] = ROW(SET_KEY, SETKEY, ADMIN_ONLY, serve_set_key),
    [KADM5_PURGE_KEYS] = ROW(PURGE_KEYS, MODIFY, ADMIN_ONLY, serve_purge),
    [KADM5_GET_STRINGS] = ROW(GET_STRINGS, GET, ADMIN_ONLY, serve_get_strings),
    [KADM5_SET_STRING] = ROW(SET_STRING, MODIFY, ADMIN_ONLY, serve_set_string),
    [KADM5_SET_KEY_4] = ROW(SET_KEY, SETKEY, ADMIN_ONLY, serve_set_key),
    [KADM5_EXTRACT_KEYS] = ROW(EXTRACT_KEYS, EXTRACT, ADMIN_ONLY, serve_extract),
    [KADM5_CREATE_ALIAS] = ROW(ADD_ALIAS, INSUFFICIENT, ADMIN_ONLY, serve_alias),
};

static enum obol_code check_version(struct serve *s, struct error *err) {
    uint32_t version = s->in.version, old = KADM5_VERSION_2, new = KADM5_VERSION_4;
    s->status = KADM5_E_BAD_API_VERSION;
    ENSURE(version >> 8 == old >> 8, UNSUPPORTED, "%08x is no version of kadmin's API", version);
    s->status = KADM5_E_OLD_SERVER_API_VERSION;
    ENSURE(version >= old, UNSUPPORTED, "version %u of kadmin's API", version & 0xff);
    s->status = KADM5_E_NEW_SERVER_API_VERSION;
    ENSURE(version <= new, UNSUPPORTED, "version %u of kadmin's API", version & 0xff);
    s->status = 0;
    return OBOL_OK;
}

static enum obol_code perform(struct serve *s, struct error *err) {
    struct admin *adm = s->k->adm;
    struct slice actor = adm->actor;
    TRY(check_version(s, err));
    TRY(check_client(s, err));
    adm->actor = s->call->client_text;
    adm->by_network = true;
    enum obol_code code = s->row->run(s, err);
    adm->by_network = false;
    adm->actor = actor;
    return code;
}

static enum obol_code results(struct serve *s, struct error *err) {
    struct writer w = writer_to_arena(s->arena);
    TRY(kadm5_write(s->call->procedure, KADM5_RESULTS, &s->out, &w, err));
    s->done->results = writer_slice(&w);
    s->done->outcome = KADM5_DONE;
    return OBOL_OK;
}

// What is in the results of a procedure that failed goes nowhere, keys least of all.
static void fail(struct serve *s, const struct error *err) {
    s->done->status = s->status ? s->status : kadm5_status_for(err);
    s->out = (struct kadm5_message){.status = s->done->status};
}

static enum obol_code answer(struct serve *s, struct error *err) {
    enum obol_code code =
        kadm5_read(s->call->procedure, KADM5_ARGUMENTS, s->call->arguments, s->arena, &s->in, err);
    s->done->outcome = code == OBOL_FORMAT ? KADM5_GARBAGE_ARGS : KADM5_SYSTEM_ERR;
    TRY(code);
    if (s->call->procedure != KADM5_NULL)
        code = perform(s, err);
    if (code != OBOL_OK)
        fail(s, err);
    s->out.version = s->in.version;
    enum obol_code written = results(s, code == OBOL_OK ? err : NULL);
    return code != OBOL_OK ? code : written;
}

enum obol_code kadm5_answer(struct kadm5 *k, const struct kadm5_call *call, struct arena *a,
                            struct kadm5_done *done, struct error *err) {
    struct error own;
    error_init(&own);
    const char *name = kadm5_procedure_name(call->procedure);
    *done = (struct kadm5_done){.outcome = KADM5_PROC_UNAVAIL, .operation = name ? name : ""};
    ENSURE(name, UNSUPPORTED, "procedure %u of kadmin", call->procedure);
    struct serve s = {
        .k = k, .call = call, .arena = a, .done = done, .row = &ROWS[call->procedure]};
    return answer(&s, err ? err : &own);
}

bool kadm5_service_allowed(const struct principal *service, struct slice realm) {
    const struct slice_list *parts = &service->name.name_string;
    return slice_eq(service->realm, realm) && parts->count == 2 &&
           slice_eq_str(parts->items[0], "kadmin") && !slice_eq_str(parts->items[1], "history");
}
