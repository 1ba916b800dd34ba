// kadm5_status.c: the numbers of kadm5_codes.h and the failures that they stand for.
#include "admin/kadm5.h"

static const struct kadm5_status ROWS[] = {
#define ROW(name, offset, code, text) {KADM5_E_##name, "KADM5_" #name, text, OBOL_##code},
    KADM5_STATUS_LIST(ROW)
#undef ROW
};
enum { ERRNO_ENOMEM = 12, ERRNO_EINVAL = 22 }; // as every system has them on the wire

const struct kadm5_status *kadm5_status_of(uint32_t number) {
    uint32_t at = number - KADM5_STATUS_BASE;
    return at < COUNT_OF(ROWS) ? &ROWS[at] : NULL;
}

// Which rule a password or key broke, as password.c and policy.c name it.
static uint32_t of_rule(struct slice rule) {
    static const struct {
        const char *rule;
        uint32_t number;
    } rules[] = {
        {"min-length", KADM5_E_PASS_Q_TOOSHORT},
        {"min-classes", KADM5_E_PASS_Q_CLASS},
        {"dictionary", KADM5_E_PASS_Q_DICT},
        {"similar", KADM5_E_PASS_Q_DICT},
        {"history", KADM5_E_PASS_REUSE},
        {"min-life", KADM5_E_PASS_TOOSOON},
        {"allowed-keysalts", KADM5_E_BAD_KEYSALTS},
        {"enctype", KADM5_E_SETKEY_DUP_ENCTYPES},
        {"kvno", KADM5_E_SETKEY_BAD_KVNO},
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (slice_eq_str(rule, rules[i].rule))
            return rules[i].number;
    return 0;
}

uint32_t kadm5_status_for(const struct error *err) {
    const char *name, *value;
    for (size_t at = 0; error_fact_next(err, &at, &name, &value);)
        if (strcmp(name, "rule") == 0 && of_rule(slice_str(value)))
            return of_rule(slice_str(value));
    switch (err->code) {
    case OBOL_OK:
        return 0;
    case OBOL_NO_MEMORY:
        return ERRNO_ENOMEM;
    case OBOL_INVALID_ARGUMENT:
        return ERRNO_EINVAL;
    case OBOL_PRINCIPAL_NOT_FOUND:
        return KADM5_E_UNK_PRINC;
    case OBOL_POLICY_NOT_FOUND:
        return KADM5_E_UNK_POLICY;
    case OBOL_PRINCIPAL_EXISTS:
    case OBOL_ALIAS_CONFLICT:
    case OBOL_EXISTS:
        return KADM5_E_DUP;
    case OBOL_NAME_MALFORMED:
        return KADM5_E_BAD_PRINCIPAL;
    case OBOL_PASSWORD_REFUSED:
        return KADM5_E_PASS_Q_GENERIC;
    case OBOL_ENCTYPE_UNSUPPORTED:
    case OBOL_KEY_LENGTH:
        return KADM5_E_BAD_KEYSALTS;
    case OBOL_STORE_CORRUPT:
    case OBOL_STORE_VERSION:
        return KADM5_E_BAD_DB;
    case OBOL_CONFIG_SYNTAX:
        return KADM5_E_MISSING_CONF_PARAMS;
    case OBOL_KDC_ERR_POLICY:
        return KADM5_E_AUTH_INSUFFICIENT;
    case OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN: // for these kadmin has no number, and krb5 has
    case OBOL_KDC_ERR_CLIENT_REVOKED:
    case OBOL_KDC_ERR_NAME_EXP:
    case OBOL_KRB_ERR_FIELD_TOOLONG:
        return (uint32_t)error_krb5_code(err->code);
    default:
        return KADM5_E_FAILURE;
    }
}
