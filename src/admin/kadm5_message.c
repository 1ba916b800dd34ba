// kadm5_message.c: the messages of kadm5.h as field tables, each row a field as MIT krb5's
// kadm_rpc_xdr.c has it on the wire. The comment of struct kadm5_message says what fields mean.
#include "admin/kadm5.h"
#include "admin/xdr.h"

#define M(member) offsetof(struct kadm5_message, member)
#define P(member) offsetof(struct kadm5_principal, member)
#define Y(member) offsetof(struct kadm5_policy, member)
#define K(member) offsetof(struct kadm5_key, member)
#define FIELD(field, type, at, ...)                                                                \
    { .name = (field), .kind = (type), .offset = (at), __VA_ARGS__ }
#define V3 .since = KADM5_VERSION_3
#define V4 .since = KADM5_VERSION_4

// ---- what messages are made of

static const struct xdr_field KEY_DATA_FIELDS[] = {
    FIELD("key_data.version", XDR_SHORT, offsetof(struct kadm5_key_data, version)),
    FIELD("key_data.kvno", XDR_UINT, offsetof(struct kadm5_key_data, kvno)),
    FIELD("key_data.enctype", XDR_SHORT, offsetof(struct kadm5_key_data, enctype)),
    FIELD("key_data.salt_type", XDR_SHORT, offsetof(struct kadm5_key_data, salt_type),
          .guarded = true, .guard = offsetof(struct kadm5_key_data, version), .above = 1),
};
static const struct xdr_type KEY_DATA = XDR_TYPE(struct kadm5_key_data, KEY_DATA_FIELDS);

static const struct xdr_field DATA_FIELDS[] = {
    FIELD("tl_data.type", XDR_SHORT, offsetof(struct kadm5_data, type)),
    FIELD("tl_data.contents", XDR_OPAQUE, offsetof(struct kadm5_data, bytes)),
};
static const struct xdr_type DATA = XDR_TYPE(struct kadm5_data, DATA_FIELDS);

static const struct xdr_field PRINCIPAL_FIELDS[] = {
    FIELD("principal", XDR_TEXT, P(name)),
    FIELD("princ_expire_time", XDR_UINT, P(expires)),
    FIELD("last_pwd_change", XDR_UINT, P(password_changed)),
    FIELD("pw_expiration", XDR_UINT, P(password_expires)),
    FIELD("max_life", XDR_INT, P(max_life)),
    FIELD("mod_name", XDR_NOT_NULL, P(has_modified_by)),
    FIELD("mod_name", XDR_TEXT, P(modified_by)),
    FIELD("mod_date", XDR_UINT, P(modified)),
    FIELD("attributes", XDR_UINT, P(attributes)),
    FIELD("kvno", XDR_UINT, P(kvno)),
    FIELD("mkvno", XDR_UINT, P(master_kvno)),
    FIELD("policy", XDR_TEXT, P(policy)),
    FIELD("aux_attributes", XDR_UINT, P(aux_attributes)),
    FIELD("max_renewable_life", XDR_INT, P(max_renew)),
    FIELD("last_success", XDR_UINT, P(last_success)),
    FIELD("last_failed", XDR_UINT, P(last_failure)),
    FIELD("fail_auth_count", XDR_UINT, P(failures)),
    FIELD("n_key_data", XDR_COUNT, P(key_count), .other = P(keys)),
    FIELD("n_tl_data", XDR_SHORT, P(data_count)),
    FIELD("tl_data", XDR_NOT_NULL, P(has_data)),
    FIELD("tl_data", XDR_CHAIN, P(data), .of = &DATA),
    FIELD("key_data", XDR_LIST, P(keys), .of = &KEY_DATA, .other = P(key_count)),
};
static const struct xdr_type PRINCIPAL = XDR_TYPE(struct kadm5_principal, PRINCIPAL_FIELDS);

static const struct xdr_field POLICY_FIELDS[] = {
    FIELD("policy", XDR_TEXT, Y(name)),
    FIELD("pw_min_life", XDR_INT, Y(min_life)),
    FIELD("pw_max_life", XDR_INT, Y(max_life)),
    FIELD("pw_min_length", XDR_INT, Y(min_length)),
    FIELD("pw_min_classes", XDR_INT, Y(min_classes)),
    FIELD("pw_history_num", XDR_INT, Y(history)),
    FIELD("policy_refcnt", XDR_INT, Y(references)),
    FIELD("pw_max_fail", XDR_UINT, Y(max_failures), V3),
    FIELD("pw_failcnt_interval", XDR_INT, Y(failure_interval), V3),
    FIELD("pw_lockout_duration", XDR_INT, Y(lockout_duration), V3),
    FIELD("attributes", XDR_UINT, Y(attributes), V4),
    FIELD("max_life", XDR_INT, Y(principal_max_life), V4),
    FIELD("max_renewable_life", XDR_INT, Y(principal_max_renew), V4),
    FIELD("allowed_keysalts", XDR_TEXT, Y(keysalts), V4),
    FIELD("n_tl_data", XDR_SHORT, Y(data_count), V4),
    FIELD("tl_data", XDR_NOT_NULL, Y(has_data), V4),
    FIELD("tl_data", XDR_CHAIN, Y(data), .of = &DATA, V4),
};
static const struct xdr_type POLICY = XDR_TYPE(struct kadm5_policy, POLICY_FIELDS);

static const struct xdr_field KEYSALT_FIELDS[] = {
    FIELD("ks_enctype", XDR_INT, offsetof(struct kadm5_keysalt, enctype)),
    FIELD("ks_salttype", XDR_INT, offsetof(struct kadm5_keysalt, salt_type)),
};
static const struct xdr_type KEYSALT = XDR_TYPE(struct kadm5_keysalt, KEYSALT_FIELDS);

static const struct xdr_field KEYBLOCK_FIELDS[] = {
    FIELD("key.enctype", XDR_INT, K(enctype)),
    FIELD("key.contents", XDR_OPAQUE, K(bytes)),
};
static const struct xdr_type KEYBLOCK = XDR_TYPE(struct kadm5_key, KEYBLOCK_FIELDS);

static const struct xdr_field KEY_FIELDS[] = {
    FIELD("key.kvno", XDR_UINT, K(kvno)),        FIELD("key.enctype", XDR_INT, K(enctype)),
    FIELD("key.contents", XDR_OPAQUE, K(bytes)), FIELD("key.salt_type", XDR_SHORT, K(salt_type)),
    FIELD("key.salt", XDR_OPAQUE, K(salt)),
};
static const struct xdr_type KEY = XDR_TYPE(struct kadm5_key, KEY_FIELDS);

static const struct xdr_field STRING_FIELDS[] = {
    FIELD("string.key", XDR_NAME, offsetof(struct kadm5_string, name)),
    FIELD("string.value", XDR_NAME, offsetof(struct kadm5_string, value)),
};
static const struct xdr_type STRING = XDR_TYPE(struct kadm5_string, STRING_FIELDS);

static const struct xdr_field TEXT_FIELDS[] = {FIELD("name", XDR_TEXT, 0)};
static const struct xdr_type TEXT = XDR_TYPE(struct slice, TEXT_FIELDS);

// ---- messages

#define VERSION   FIELD("api_version", XDR_VERSION, M(version))
#define STATUS    FIELD("code", XDR_STATUS, M(status))
#define ITS_NAME  FIELD("principal", XDR_TEXT, M(name))
#define MASK      FIELD("mask", XDR_UINT, M(mask))
#define PASSWORD  FIELD("password", XDR_TEXT, M(password))
#define KEEP_OLD  FIELD("keepold", XDR_BOOLEAN, M(keep_old))
#define KEYSALTS  FIELD("ks_tuple", XDR_LIST, M(keysalts), .of = &KEYSALT)
#define KEYBLOCKS FIELD("keys", XDR_LIST, M(keys), .of = &KEYBLOCK)
#define MESSAGE(name, ...)                                                                         \
    static const struct xdr_field name##_FIELDS[] = {VERSION, __VA_ARGS__};                        \
    static const struct xdr_type name = XDR_TYPE(struct kadm5_message, name##_FIELDS)

static const struct xdr_type NOTHING = {sizeof(struct kadm5_message), NULL, 0};
static const struct xdr_field ALONE_FIELDS[] = {VERSION};
static const struct xdr_type ALONE = XDR_TYPE(struct kadm5_message, ALONE_FIELDS);

MESSAGE(CREATE, FIELD("rec", XDR_STRUCT, M(principal), .of = &PRINCIPAL), MASK, PASSWORD);
MESSAGE(CREATE_3, FIELD("rec", XDR_STRUCT, M(principal), .of = &PRINCIPAL), MASK, KEYSALTS,
        PASSWORD);
MESSAGE(NAMED, ITS_NAME);
MESSAGE(MODIFY, FIELD("rec", XDR_STRUCT, M(principal), .of = &PRINCIPAL), MASK);
MESSAGE(TWO_NAMES, ITS_NAME, FIELD("other principal", XDR_TEXT, M(other)));
MESSAGE(GET, ITS_NAME, MASK);
MESSAGE(CHPASS, ITS_NAME, PASSWORD);
MESSAGE(CHPASS_3, ITS_NAME, KEEP_OLD, KEYSALTS, PASSWORD);
MESSAGE(CHRAND_3, ITS_NAME, KEEP_OLD, KEYSALTS);
MESSAGE(SETKEY, ITS_NAME, KEYBLOCKS);
MESSAGE(SETKEY_3, ITS_NAME, KEEP_OLD, KEYSALTS, KEYBLOCKS);
MESSAGE(SETKEY_4, ITS_NAME, KEEP_OLD, FIELD("key_data", XDR_LIST, M(keys), .of = &KEY));
MESSAGE(POLICY_ARGS, FIELD("rec", XDR_STRUCT, M(policy), .of = &POLICY), MASK);
MESSAGE(PURGE, ITS_NAME, FIELD("keepkvno", XDR_INT, M(keep_kvno)));
MESSAGE(SET_STRING, ITS_NAME, FIELD("key", XDR_TEXT, M(string.name)),
        FIELD("value", XDR_TEXT, M(string.value)));
MESSAGE(EXTRACT, ITS_NAME, FIELD("kvno", XDR_UINT, M(kvno)));

MESSAGE(DONE, STATUS);
MESSAGE(GOT, STATUS, FIELD("rec", XDR_STRUCT, M(principal), .of = &PRINCIPAL));
MESSAGE(GOT_POLICY, STATUS, FIELD("rec", XDR_STRUCT, M(policy), .of = &POLICY));
MESSAGE(GOT_NAMES, STATUS, FIELD("count", XDR_COUNT, M(count), .other = M(names)),
        FIELD("names", XDR_LIST, M(names), .of = &TEXT, .other = M(count)));
MESSAGE(GOT_STRINGS, STATUS, FIELD("count", XDR_COUNT, M(count), .other = M(strings)),
        FIELD("strings", XDR_LIST, M(strings), .of = &STRING, .other = M(count)));
MESSAGE(GOT_KEYBLOCKS, STATUS, KEYBLOCKS);
MESSAGE(GOT_KEYS, STATUS, FIELD("key_data", XDR_LIST, M(keys), .of = &KEY));
MESSAGE(PRIVILEGES, FIELD("code", XDR_UINT, M(status)), FIELD("privs", XDR_UINT, M(mask)));

#define READS   true
#define CHANGES false
static const struct procedure {
    const char *name;
    bool reads;
    const struct xdr_type *parts[2]; // enum kadm5_part
} PROCEDURES[KADM5_PROCEDURES] = {
    [KADM5_NULL] = {"kadm5_null", READS, {&NOTHING, &NOTHING}},
    [KADM5_CREATE_PRINCIPAL] = {"kadm5_create_principal", CHANGES, {&CREATE, &DONE}},
    [KADM5_DELETE_PRINCIPAL] = {"kadm5_delete_principal", CHANGES, {&NAMED, &DONE}},
    [KADM5_MODIFY_PRINCIPAL] = {"kadm5_modify_principal", CHANGES, {&MODIFY, &DONE}},
    [KADM5_RENAME_PRINCIPAL] = {"kadm5_rename_principal", CHANGES, {&TWO_NAMES, &DONE}},
    [KADM5_GET_PRINCIPAL] = {"kadm5_get_principal", READS, {&GET, &GOT}},
    [KADM5_CHANGE_PASSWORD] = {"kadm5_chpass_principal", CHANGES, {&CHPASS, &DONE}},
    [KADM5_RANDOM_KEY] = {"kadm5_randkey_principal", CHANGES, {&NAMED, &GOT_KEYBLOCKS}},
    [KADM5_CREATE_POLICY] = {"kadm5_create_policy", CHANGES, {&POLICY_ARGS, &DONE}},
    [KADM5_DELETE_POLICY] = {"kadm5_delete_policy", CHANGES, {&NAMED, &DONE}},
    [KADM5_MODIFY_POLICY] = {"kadm5_modify_policy", CHANGES, {&POLICY_ARGS, &DONE}},
    [KADM5_GET_POLICY] = {"kadm5_get_policy", READS, {&NAMED, &GOT_POLICY}},
    [KADM5_GET_PRIVILEGES] = {"kadm5_get_privs", READS, {&ALONE, &PRIVILEGES}},
    [KADM5_INIT] = {"kadm5_init", READS, {&ALONE, &DONE}},
    [KADM5_LIST_PRINCIPALS] = {"kadm5_get_principals", READS, {&NAMED, &GOT_NAMES}},
    [KADM5_LIST_POLICIES] = {"kadm5_get_policies", READS, {&NAMED, &GOT_NAMES}},
    [KADM5_SET_KEY] = {"kadm5_setkey_principal", CHANGES, {&SETKEY, &DONE}},
    [KADM5_CREATE_PRINCIPAL_3] = {"kadm5_create_principal", CHANGES, {&CREATE_3, &DONE}},
    [KADM5_CHANGE_PASSWORD_3] = {"kadm5_chpass_principal", CHANGES, {&CHPASS_3, &DONE}},
    [KADM5_RANDOM_KEY_3] = {"kadm5_randkey_principal", CHANGES, {&CHRAND_3, &GOT_KEYBLOCKS}},
    [KADM5_SET_KEY_3] = {"kadm5_setkey_principal", CHANGES, {&SETKEY_3, &DONE}},
    [KADM5_PURGE_KEYS] = {"kadm5_purgekeys", CHANGES, {&PURGE, &DONE}},
    [KADM5_GET_STRINGS] = {"kadm5_get_strings", READS, {&NAMED, &GOT_STRINGS}},
    [KADM5_SET_STRING] = {"kadm5_mod_strings", CHANGES, {&SET_STRING, &DONE}},
    [KADM5_SET_KEY_4] = {"kadm5_setkey_principal", CHANGES, {&SETKEY_4, &DONE}},
    [KADM5_EXTRACT_KEYS] = {"kadm5_get_principal_keys", READS, {&EXTRACT, &GOT_KEYS}},
    [KADM5_CREATE_ALIAS] = {"kadm5_create_alias", CHANGES, {&TWO_NAMES, &DONE}},
};

const char *kadm5_procedure_name(uint32_t procedure) {
    return procedure < KADM5_PROCEDURES ? PROCEDURES[procedure].name : NULL;
}

bool kadm5_procedure_reads(uint32_t procedure) {
    return procedure < KADM5_PROCEDURES && PROCEDURES[procedure].reads;
}

enum obol_code kadm5_read(uint32_t procedure, enum kadm5_part part, struct slice bytes,
                          struct arena *a, struct kadm5_message *out, struct error *err) {
    *out = (struct kadm5_message){0};
    ENSURE(kadm5_procedure_name(procedure), UNSUPPORTED, "procedure %u of kadmin", procedure);
    struct error why;
    error_init(&why);
    enum obol_code code = xdr_read(PROCEDURES[procedure].parts[part], bytes, a, out, &why);
    if (code == OBOL_OK)
        return OBOL_OK;
    *out = (struct kadm5_message){0};
    return error_set(err, code, __func__, "the %s of %s: %s",
                     part == KADM5_ARGUMENTS ? "arguments" : "results", PROCEDURES[procedure].name,
                     why.detail);
}

enum obol_code kadm5_write(uint32_t procedure, enum kadm5_part part, const struct kadm5_message *m,
                           struct writer *w, struct error *err) {
    ENSURE(kadm5_procedure_name(procedure), UNSUPPORTED, "procedure %u of kadmin", procedure);
    return xdr_write(PROCEDURES[procedure].parts[part], m, w, err);
}
