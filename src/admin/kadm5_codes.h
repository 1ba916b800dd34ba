// kadm5_codes.h: the numbers that kadmin's servers answer with (MIT krb5's table "ovk" in
// kadm_err.et, from which numbers, names and texts are), and what each is here.
//   X(NAME, offset, obol_code, "text")
#ifndef OBOL_ADMIN_KADM5_CODES_H
#define OBOL_ADMIN_KADM5_CODES_H

#define KADM5_STATUS_BASE 43787520
// clang-format off
#define KADM5_STATUS_LIST(X) \
    X(FAILURE, 0, KRB_ERR_GENERIC, "Operation failed for unspecified reason") \
    X(AUTH_GET, 1, PERMISSION, "Operation requires ``get'' privilege") \
    X(AUTH_ADD, 2, PERMISSION, "Operation requires ``add'' privilege") \
    X(AUTH_MODIFY, 3, PERMISSION, "Operation requires ``modify'' privilege") \
    X(AUTH_DELETE, 4, PERMISSION, "Operation requires ``delete'' privilege") \
    X(AUTH_INSUFFICIENT, 5, PERMISSION, "Insufficient authorization for operation") \
    X(BAD_DB, 6, STORE_CORRUPT, "Database inconsistency detected") \
    X(DUP, 7, EXISTS, "Principal or policy already exists") \
    X(RPC_ERROR, 8, IO, "Communication failure with server") \
    X(NO_SRV, 9, KDC_NOT_KNOWN, "No administration server found for realm") \
    X(BAD_HIST_KEY, 10, KRB_ERR_GENERIC, "Password history entry (kadmin/history) contains unsupported key type") \
    X(NOT_INIT, 11, KRB_ERR_GENERIC, "Connection to server not initialized") \
    X(UNK_PRINC, 12, PRINCIPAL_NOT_FOUND, "Principal does not exist") \
    X(UNK_POLICY, 13, POLICY_NOT_FOUND, "Policy does not exist") \
    X(BAD_MASK, 14, INVALID_ARGUMENT, "Invalid field mask for operation") \
    X(BAD_CLASS, 15, INVALID_ARGUMENT, "Invalid number of character classes") \
    X(BAD_LENGTH, 16, INVALID_ARGUMENT, "Invalid password length") \
    X(BAD_POLICY, 17, INVALID_ARGUMENT, "Illegal policy name") \
    X(BAD_PRINCIPAL, 18, NAME_MALFORMED, "Illegal principal name") \
    X(BAD_AUX_ATTR, 19, INVALID_ARGUMENT, "Invalid auxiliary attributes") \
    X(BAD_HISTORY, 20, INVALID_ARGUMENT, "Invalid password history count") \
    X(BAD_MIN_PASS_LIFE, 21, INVALID_ARGUMENT, "Password minimum life is greater than password maximum life") \
    X(PASS_Q_TOOSHORT, 22, PASSWORD_REFUSED, "Password is too short") \
    X(PASS_Q_CLASS, 23, PASSWORD_REFUSED, "Password does not contain enough character classes") \
    X(PASS_Q_DICT, 24, PASSWORD_REFUSED, "Password is in the password dictionary") \
    X(PASS_REUSE, 25, PASSWORD_REFUSED, "Cannot reuse password") \
    X(PASS_TOOSOON, 26, PASSWORD_REFUSED, "Current password's minimum life has not expired") \
    X(POLICY_REF, 27, EXISTS, "Policy is in use") \
    X(INIT, 28, KRB_ERR_GENERIC, "Connection to server already initialized") \
    X(BAD_PASSWORD, 29, PASSWORD_WRONG, "Incorrect password") \
    X(PROTECT_PRINCIPAL, 30, KDC_ERR_POLICY, "Cannot change protected principal") \
    X(BAD_SERVER_HANDLE, 31, KRB_ERR_GENERIC, "Programmer error!  Bad Admin server handle") \
    X(BAD_STRUCT_VERSION, 32, UNSUPPORTED, "Programmer error!  Bad API structure version") \
    X(OLD_STRUCT_VERSION, 33, UNSUPPORTED, "API structure version specified by application is no longer supported (to fix, recompile application against current KADM5 API header files and libraries)") \
    X(NEW_STRUCT_VERSION, 34, UNSUPPORTED, "API structure version specified by application is unknown to libraries (to fix, obtain current KADM5 API header files and libraries and recompile application)") \
    X(BAD_API_VERSION, 35, UNSUPPORTED, "Programmer error!  Bad API version") \
    X(OLD_LIB_API_VERSION, 36, UNSUPPORTED, "API version specified by application is no longer supported by libraries (to fix, update application to adhere to current API version and recompile)") \
    X(OLD_SERVER_API_VERSION, 37, UNSUPPORTED, "API version specified by application is no longer supported by server (to fix, update application to adhere to current API version and recompile)") \
    X(NEW_LIB_API_VERSION, 38, UNSUPPORTED, "API version specified by application is unknown to libraries (to fix, obtain current KADM5 API header files and libraries and recompile application)") \
    X(NEW_SERVER_API_VERSION, 39, UNSUPPORTED, "API version specified by application is unknown to server (to fix, obtain and install newest KADM5 Admin Server)") \
    X(SECURE_PRINC_MISSING, 40, KDC_ERR_S_PRINCIPAL_UNKNOWN, "Database error! Required KADM5 principal missing") \
    X(NO_RENAME_SALT, 41, KRB_ERR_GENERIC, "The salt type of the specified principal does not support renaming") \
    X(BAD_CLIENT_PARAMS, 42, KRB_ERR_GENERIC, "Illegal configuration parameter for remote KADM5 client") \
    X(BAD_SERVER_PARAMS, 43, INVALID_ARGUMENT, "Illegal configuration parameter for local KADM5 client") \
    X(AUTH_LIST, 44, PERMISSION, "Operation requires ``list'' privilege") \
    X(AUTH_CHANGEPW, 45, PERMISSION, "Operation requires ``change-password'' privilege") \
    X(GSS_ERROR, 46, IO, "GSS-API (or Kerberos) error") \
    X(BAD_TL_TYPE, 47, INVALID_ARGUMENT, "Programmer error!  Illegal tagged data list type") \
    X(MISSING_CONF_PARAMS, 48, CONFIG_SYNTAX, "Required parameters in kdc.conf missing") \
    X(BAD_SERVER_NAME, 49, KDC_NOT_KNOWN, "Bad krb5 admin server hostname") \
    X(AUTH_SETKEY, 50, PERMISSION, "Operation requires ``set-key'' privilege") \
    X(SETKEY_DUP_ENCTYPES, 51, INVALID_ARGUMENT, "Multiple values for single or folded enctype") \
    X(SETV4KEY_INVAL_ENCTYPE, 52, KRB_ERR_GENERIC, "Invalid enctype for setv4key") \
    X(SETKEY3_ETYPE_MISMATCH, 53, INVALID_ARGUMENT, "Mismatched enctypes for setkey3") \
    X(MISSING_KRB5_CONF_PARAMS, 54, CONFIG_SYNTAX, "Missing parameters in krb5.conf required for kadmin client") \
    X(XDR_FAILURE, 55, FORMAT, "XDR encoding error") \
    X(CANT_RESOLVE, 56, KDC_NOT_KNOWN, "Cannot resolve network address for admin server in requested realm") \
    X(PASS_Q_GENERIC, 57, PASSWORD_REFUSED, "Unspecified password quality failure") \
    X(BAD_KEYSALTS, 58, INVALID_ARGUMENT, "Invalid key/salt tuples") \
    X(SETKEY_BAD_KVNO, 59, INVALID_ARGUMENT, "Invalid multiple or duplicate kvnos in setkey operation") \
    X(AUTH_EXTRACT, 60, PERMISSION, "Operation requires ``extract-keys'' privilege") \
    X(PROTECT_KEYS, 61, KDC_ERR_POLICY, "Principal keys are locked down") \
    X(AUTH_INITIAL, 62, KDC_ERR_POLICY, "Operation requires initial ticket") \
    X(ALIAS_REALM, 63, INVALID_ARGUMENT, "Alias target must be within the same realm")
// clang-format on

enum kadm5_status_number {
#define KADM5_STATUS_ENUM(name, offset, code, text) KADM5_E_##name = KADM5_STATUS_BASE + offset,
    KADM5_STATUS_LIST(KADM5_STATUS_ENUM)
#undef KADM5_STATUS_ENUM
};

#endif
