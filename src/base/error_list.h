// error_list.h: every failure that Obol can report, one row each, the single source for the name,
// the text, the remedy, the KRB-ERROR number (RFC 4120 7.5.9), the GSS-API routine error
// (RFC 2744 3.9.1, as a plain number: 0 stands for GSS_S_FAILURE) and the Python exception.
//
//   X(NAME, krb-error, krb5, gss, "PythonException", "text: what failed", "remedy: what to do")
//
// krb5 is the offset in the table of codes that programs written for MIT krb5 know (krb5_err.et,
// base -1765328384): 0 to 127 are the KRB-ERROR numbers, the local failures stand behind them.
//
// A text is a clause without a final full stop; facts are put behind it. A remedy is a sentence to
// the person who must fix it; "" where only the facts can tell.
#ifndef OBOL_BASE_ERROR_LIST_H
#define OBOL_BASE_ERROR_LIST_H

// clang-format off
#define OBOL_ERROR_LIST(X) \
    /* General */ \
    X(NO_MEMORY, 60, 198, 0, "Error", "out of memory, or a request larger than its bound", "") \
    X(INVALID_ARGUMENT, 60, 201, 0, "Error", "an argument is not valid", "") \
    X(IO, 60, 193, 0, "Error", "an input or output operation failed", "") \
    X(NOT_FOUND, 60, 141, 0, "Error", "not found", "") \
    X(EXISTS, 60, 201, 0, "Error", "it exists already", "") \
    X(PERMISSION, 60, 194, 0, "Error", "permission denied", "Run as the user who owns the file, or mend its mode.") \
    X(UNSUPPORTED, 60, 247, 16, "Error", "not supported", "") \
    X(INTERNAL, 60, 60, 0, "Error", "an internal inconsistency; this is a defect of Obol", "Please report it with the facts shown.") \
    X(TIMEOUT, 60, 156, 0, "KdcUnreachable", "the deadline passed", "Allow more time (timeout=, request_timeout), or see why the other side is slow.") \
    X(USAGE, 60, 201, 0, "Error", "the command line is not right", "See --help.") \
    X(NEED, 29, 60, 0, "Error", "a record is not in memory yet", "") \
    /* Bytes from outside */ \
    X(DER_MALFORMED, 60, 138, 9, "DecodeError", "the bytes are not valid DER", "The sender is broken, or this is not a Kerberos message.") \
    X(DER_LIMIT, 60, 138, 9, "DecodeError", "the message is nested too deeply or has too many elements", "") \
    X(DER_UNEXPECTED, 60, 40, 9, "DecodeError", "the message is of another type than expected", "") \
    X(DER_VALUE, 60, 138, 9, "DecodeError", "a value of the message is out of its range", "") \
    X(FORMAT, 60, 138, 0, "DecodeError", "the file or token is malformed", "Give a file or text that is whole.") \
    /* Cryptography */ \
    X(ENCTYPE_UNSUPPORTED, 14, 188, 0, "EnctypeError", "the encryption type is not known or not allowed", "Use aes256-cts-hmac-sha384-192 or another enctype that `permitted_enctypes` allows.") \
    X(ENCTYPE_NOT_PERMITTED, 60, 236, 0, "EnctypeError", "the encryption type is not permitted here", "Name it in `permitted_enctypes` of krb5.conf (rc4-hmac needs `allow_rc4 = true`), or give the service keys that are.") \
    X(CKSUMTYPE_UNSUPPORTED, 15, 153, 0, "EnctypeError", "the checksum type is not known, not keyed, or does not belong to the key", "The other side must use the checksum type of its key.") \
    X(KEY_LENGTH, 60, 189, 0, "EnctypeError", "the key has not the length that its enctype needs", "") \
    X(DECRYPT_INTEGRITY, 31, 31, 6, "DecryptError", "the sealed part does not open with this key", "The key or password is not the one it was sealed with, or it was altered on the way.") \
    X(CHECKSUM_MISMATCH, 41, 31, 6, "DecryptError", "the checksum does not match", "The message was altered, or made with another key.") \
    X(CRYPTO_PARAMETER, 60, 244, 0, "EnctypeError", "a parameter of the key derivation is out of bounds", "") \
    X(CRYPTO_LIBRARY, 60, 178, 0, "Error", "libcrypto refused an operation", "") \
    /* Names, configuration, files of the client */ \
    X(NAME_MALFORMED, 60, 134, 3, "BadName", "the principal name is malformed", "Write it as user@REALM or service/host@REALM.") \
    X(CONFIG_SYNTAX, 60, 136, 0, "ConfigError", "the configuration has a mistake", "Mend that line; obol help --man krb5.conf (or kdc.conf) tells of every key.") \
    X(CONFIG_NO_REALM, 60, 224, 0, "ConfigError", "no realm is known", "Set `default_realm` in krb5.conf, or name the realm: user@REALM.") \
    X(CCACHE_NOT_FOUND, 60, 195, 7, "NoCredentials", "there is no credential cache", "Log in first: obol login NAME (or kinit NAME).") \
    X(CCACHE_FORMAT, 60, 199, 7, "NoCredentials", "the credential cache is malformed", "Remove it with obol logout and log in again.") \
    X(CCACHE_IO, 60, 193, 7, "NoCredentials", "the credential cache cannot be read or written", "Name another cache: --cache FILE:/path, or KRB5CCNAME.") \
    X(CRED_NOT_FOUND, 60, 141, 7, "NoCredentials", "the cache holds no ticket for this service", "Log in first: obol login NAME; obol tickets shows what the cache holds.") \
    X(CRED_EXPIRED, 32, 32, 11, "TicketExpired", "the ticket has expired", "Log in again: obol login NAME (or kinit NAME).") \
    X(KEYTAB_NOT_FOUND, 60, 181, 7, "NoCredentials", "there is no keytab", "Create one: obol keytab create FILE SPN; or name it with KRB5_KTNAME.") \
    X(KEYTAB_FORMAT, 60, 235, 7, "NoCredentials", "the keytab is malformed", "Name a keytab; obol keytab create FILE SPN makes one.") \
    X(KEYTAB_IO, 60, 184, 7, "NoCredentials", "the keytab cannot be read or written", "Name another file, in a directory that exists and has room.") \
    X(KEYTAB_NO_ENTRY, 45, 181, 7, "KeytabMismatch", "the keytab holds no key for this", "Extract the keytab again: obol keytab create FILE SPN.") \
    X(KDC_UNREACHABLE, 60, 156, 0, "KdcUnreachable", "no KDC of the realm answered", "Check that the KDC runs, and the `kdc` lines of the realm in krb5.conf.") \
    X(KDC_NOT_KNOWN, 60, 154, 0, "RealmNotFound", "no KDC of the realm is known", "Add `kdc = host:port` for the realm to krb5.conf, or SRV records _kerberos._udp to its DNS.") \
    X(REPLY_MISMATCH, 60, 147, 0, "ReplyRejected", "the reply does not belong to the request", "Somebody on the way altered it, or the KDC is broken.") \
    X(FAST_REQUIRED, 60, 252, 0, "ReplyRejected", "the answer came without the armor of FAST", "Somebody on the way may have taken it off; or the KDC cannot do FAST: then log in without an armor cache.") \
    X(PASSWORD_WRONG, 24, 24, 0, "WrongPassword", "the password is not right", "Type it again; mind Caps Lock and the keyboard layout.") \
    X(PASSWORD_NEEDED, 60, 130, 0, "PasswordNeeded", "a password is needed", "Give it at the prompt, with --password-stdin, or with --password-fd N.") \
    X(PASSWORD_REFUSED, 60, 201, 0, "PolicyRefused", "the new password is not acceptable", "Choose another one.") \
    X(MUTUAL_FAILED, 60, 158, 6, "MutualAuthFailed", "the service did not prove its identity", "It may be an impostor, or use another keytab.") \
    X(REPLAY_CACHE_IO, 60, 164, 0, "Error", "the replay cache cannot be used", "See that its directory (KRB5RCACHEDIR) can be written to, or name another.") \
    X(TOKEN_MALFORMED, 60, 138, 9, "BadToken", "the authentication token is malformed", "The client must send the whole token, as base64 behind Negotiate.") \
    X(MECH_UNSUPPORTED, 60, 247, 1, "BadToken", "the token offers no mechanism that is supported here", "The client must send Kerberos (SPNEGO or krb5); NTLM is not accepted.") \
    X(MECH_REFUSED, 60, 247, 1, "BadToken", "the service takes none of the mechanisms that were offered", "It may have no keytab, or speak NTLM only; its log tells.") \
    X(BAD_BINDINGS, 60, 60, 4, "BindingMismatch", "the channel bindings do not match", "Something between client and service ends the TLS connection (a proxy), or somebody relays the login.") \
    X(CERTIFICATE_UNUSABLE, 60, 60, 0, "CertificateError", "the certificate or its key cannot be used", "obol pki ca, obol pki kdc and obol pki user make ones that can.") \
    /* The realm database */ \
    X(STORE_IO, 29, 60, 0, "Error", "the realm database cannot be read or written", "") \
    X(STORE_CORRUPT, 29, 60, 0, "Error", "a record of the realm database is damaged", "Restore it from a backup.") \
    X(STORE_VERSION, 29, 60, 0, "Error", "the realm database was written by a newer Obol", "Run the newer version.") \
    X(STORE_NOT_FOUND, 29, 60, 0, "Error", "there is no realm database here", "Create it: obol realm create REALM; or name its directory with --home.") \
    X(STORE_FULL, 29, 60, 0, "Error", "the realm database is full", "Make it larger: `store_size` in kdc.conf.") \
    X(MASTER_KEY, 29, 60, 0, "Error", "the master key cannot be used", "The file master.key beside the store must be the one that sealed it.") \
    X(PRINCIPAL_NOT_FOUND, 6, 6, 0, "Error", "there is no such principal", "") \
    X(POLICY_NOT_FOUND, 60, 60, 0, "Error", "there is no such policy", "Those that are there: obol policy list.") \
    X(PRINCIPAL_EXISTS, 60, 60, 0, "Error", "the name is taken already", "") \
    X(ALIAS_CONFLICT, 60, 60, 0, "Error", "the name belongs to another principal", "") \
    /* RFC 4120 7.5.9: errors that a KDC or an application server sends */ \
    X(KDC_ERR_NAME_EXP, 1, 1, 0, "AccountExpired", "the client's entry in the KDC has expired", "The realm's administrator can move its expiry: obol principal set NAME --expires never.") \
    X(KDC_ERR_SERVICE_EXP, 2, 2, 0, "ServiceExpired", "the service's entry in the KDC has expired", "The realm's administrator can move its expiry: obol principal set SPN --expires never.") \
    X(KDC_ERR_BAD_PVNO, 3, 3, 0, "ProtocolError", "the protocol version is not 5", "") \
    X(KDC_ERR_C_OLD_MAST_KVNO, 4, 4, 0, "ProtocolError", "the client's key is sealed under an old master key", "") \
    X(KDC_ERR_S_OLD_MAST_KVNO, 5, 5, 0, "ProtocolError", "the service's key is sealed under an old master key", "") \
    X(KDC_ERR_C_PRINCIPAL_UNKNOWN, 6, 6, 0, "PrincipalNotFound", "the client is not known to the KDC", "Check the spelling and the realm (realms are case-sensitive); list them with obol principal list.") \
    X(KDC_ERR_S_PRINCIPAL_UNKNOWN, 7, 7, 0, "ServiceNotFound", "the service is not known to the KDC", "Register the SPN: obol spn add SPN ACCOUNT; or ask for the name that is registered: obol spn list.") \
    X(KDC_ERR_PRINCIPAL_NOT_UNIQUE, 8, 8, 0, "ProtocolError", "the name belongs to more than one entry", "") \
    X(KDC_ERR_NULL_KEY, 9, 9, 0, "ProtocolError", "the entry has no key", "Give it one: obol principal password NAME, or obol keytab create FILE SPN.") \
    X(KDC_ERR_CANNOT_POSTDATE, 10, 10, 0, "PolicyRefused", "the ticket may not be postdated", "Ask for a ticket that begins now; or the realm's administrator can allow it: obol principal show NAME.") \
    X(KDC_ERR_NEVER_VALID, 11, 11, 0, "PolicyRefused", "the ticket would never be valid", "Check the times asked for and both clocks.") \
    X(KDC_ERR_POLICY, 12, 12, 0, "PolicyRefused", "the KDC's policy refuses the request", "Ask the realm's administrator: the KDC's log tells which rule it was.") \
    X(KDC_ERR_BADOPTION, 13, 13, 0, "PolicyRefused", "the KDC cannot grant an option that was asked for", "Ask without the option, or for a TGT that allows it: obol login --forwardable, --renewable 7d.") \
    X(KDC_ERR_ETYPE_NOSUPP, 14, 14, 0, "EnctypeError", "the KDC supports none of the encryption types offered", "Offer one that the entry has keys of; a new password or keytab makes keys of the current types.") \
    X(KDC_ERR_SUMTYPE_NOSUPP, 15, 15, 0, "EnctypeError", "the checksum type is not supported", "") \
    X(KDC_ERR_PADATA_TYPE_NOSUPP, 16, 16, 0, "ProtocolError", "the preauthentication type is not supported", "") \
    X(KDC_ERR_TRTYPE_NOSUPP, 17, 17, 0, "ProtocolError", "the transited type is not supported", "") \
    X(KDC_ERR_CLIENT_REVOKED, 18, 18, 0, "AccountLocked", "the client's credentials are locked or revoked", "The realm's administrator can unlock it: obol principal set NAME --unlock.") \
    X(KDC_ERR_SERVICE_REVOKED, 19, 19, 0, "ServiceExpired", "the service's credentials are locked or revoked", "The realm's administrator can unlock it: obol principal set SPN --unlock.") \
    X(KDC_ERR_TGT_REVOKED, 20, 20, 0, "TicketExpired", "the TGT has been revoked", "Log in again.") \
    X(KDC_ERR_CLIENT_NOTYET, 21, 21, 0, "AccountExpired", "the client's entry is not valid yet", "Ask the realm administrator from when on the account is valid.") \
    X(KDC_ERR_SERVICE_NOTYET, 22, 22, 0, "ServiceExpired", "the service's entry is not valid yet", "Ask the realm administrator from when on the service's account is valid.") \
    X(KDC_ERR_KEY_EXPIRED, 23, 23, 0, "PasswordExpired", "the password has expired", "Change it: obol passwd (or kpasswd). Else the realm's administrator sets a new one: obol principal password NAME.") \
    X(KDC_ERR_PREAUTH_FAILED, 24, 24, 0, "WrongPassword", "preauthentication failed: the password or key is not right", "Type it again; mind Caps Lock and the keyboard layout. With a keytab: extract it again.") \
    X(KDC_ERR_PREAUTH_REQUIRED, 25, 25, 0, "ProtocolError", "the KDC asks for preauthentication", "") \
    X(KDC_ERR_SERVER_NOMATCH, 26, 26, 0, "ProtocolError", "the ticket is for another service than the request", "") \
    X(KDC_ERR_MUST_USE_USER2USER, 27, 27, 0, "PolicyRefused", "the service takes user-to-user tickets only", "Use a client that does user-to-user authentication, or give the service a keytab.") \
    X(KDC_ERR_PATH_NOT_ACCEPTED, 28, 28, 0, "PolicyRefused", "the path of realms is not accepted", "Name the realms between the two in [capaths] of krb5.conf, on the KDCs and on the services.") \
    X(KDC_ERR_SVC_UNAVAILABLE, 29, 29, 0, "KdcUnreachable", "the KDC cannot serve now", "Try again; the KDC's log tells why.") \
    X(KRB_AP_ERR_BAD_INTEGRITY, 31, 31, 6, "DecryptError", "integrity check failed", "The keytab's key is not the one in the KDC: extract the keytab again.") \
    X(KRB_AP_ERR_TKT_EXPIRED, 32, 32, 11, "TicketExpired", "the ticket has expired", "Log in again: obol login NAME (or kinit NAME).") \
    X(KRB_AP_ERR_TKT_NYV, 33, 33, 11, "ClockSkew", "the ticket is not valid yet", "Compare the clocks of the two machines.") \
    X(KRB_AP_ERR_REPEAT, 34, 34, 0, "Replay", "the request is a replay", "Send a new login for each connection. If nobody sent it twice, somebody recorded it: look at the network.") \
    X(KRB_AP_ERR_NOT_US, 35, 35, 7, "KeytabMismatch", "the ticket is for another service", "Ask for the name that the service has keys of, or add those of this name to its keytab.") \
    X(KRB_AP_ERR_BADMATCH, 36, 36, 9, "ProtocolError", "the ticket and the authenticator name different clients", "") \
    X(KRB_AP_ERR_SKEW, 37, 37, 0, "ClockSkew", "the clocks differ by more than is allowed", "Set both clocks by NTP; the limit is `clockskew` in krb5.conf.") \
    X(KRB_AP_ERR_BADADDR, 38, 38, 0, "ProtocolError", "the network address does not match the ticket", "Ask for a ticket without addresses.") \
    X(KRB_AP_ERR_BADVERSION, 39, 39, 9, "ProtocolError", "the protocol version is not supported", "") \
    X(KRB_AP_ERR_MSG_TYPE, 40, 40, 9, "ProtocolError", "the message is of an unexpected type", "") \
    X(KRB_AP_ERR_MODIFIED, 41, 41, 6, "DecryptError", "the message was modified, or sealed with another key", "Two accounts may hold the same SPN, or the keytab is old: extract it again.") \
    X(KRB_AP_ERR_BADORDER, 42, 42, 0, "OutOfOrder", "a message is out of order", "Pass each message on once and in the order it came in, or ask for no sequence.") \
    X(KRB_AP_ERR_BADKEYVER, 44, 44, 7, "KeytabMismatch", "the key version of the ticket is not in the keytab", "Extract the keytab again; clients must get a fresh ticket after a key change.") \
    X(KRB_AP_ERR_NOKEY, 45, 45, 7, "KeytabMismatch", "the service has no key for this ticket", "Extract a keytab for this SPN: obol keytab create FILE SPN.") \
    X(KRB_AP_ERR_MUT_FAIL, 46, 46, 6, "MutualAuthFailed", "mutual authentication failed", "The service could not prove that it holds the key of its SPN.") \
    X(KRB_AP_ERR_BADDIRECTION, 47, 47, 9, "ProtocolError", "the message goes the wrong way", "") \
    X(KRB_AP_ERR_METHOD, 48, 48, 0, "ProtocolError", "another authentication method is required", "") \
    X(KRB_AP_ERR_BADSEQ, 49, 49, 0, "OutOfOrder", "the sequence number is not the expected one", "Pass each message on once and in the order it came in, or ask for no sequence.") \
    X(KRB_AP_ERR_INAPP_CKSUM, 50, 50, 6, "ProtocolError", "the checksum type is not acceptable here", "") \
    X(KRB_AP_PATH_NOT_ACCEPTED, 51, 51, 0, "PolicyRefused", "the path of realms is not accepted", "Name the realms between the two in [capaths] of krb5.conf, on the KDCs and on the services.") \
    X(KRB_ERR_RESPONSE_TOO_BIG, 52, 52, 0, "ProtocolError", "the reply is too big for UDP", "") \
    X(KRB_ERR_GENERIC, 60, 60, 0, "ProtocolError", "the KDC reports an error without a number of its own", "The KDC's log tells more.") \
    X(KRB_ERR_FIELD_TOOLONG, 61, 61, 0, "ProtocolError", "a field is too long", "") \
    X(KDC_ERR_CLIENT_NOT_TRUSTED, 62, 62, 0, "CertificateError", "the client's certificate is not trusted", "The KDC's log tells why.") \
    X(KDC_ERR_KDC_NOT_TRUSTED, 63, 63, 0, "KdcNotTrusted", "the KDC's certificate is not trusted", "Name the CA that issued it: `pkinit_anchors` in krb5.conf; or ask the realm's administrator for one with the names and purpose of a KDC (obol pki kdc).") \
    X(KDC_ERR_INVALID_SIG, 64, 64, 0, "CertificateError", "the signature of the PKINIT message is not valid", "The key must be that of the certificate.") \
    X(KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED, 65, 65, 0, "ProtocolError", "the Diffie-Hellman group or key is not accepted", "Ask for a larger group: `pkinit_dh_min_bits = 2048` in krb5.conf.") \
    X(KDC_ERR_CERTIFICATE_MISMATCH, 66, 66, 0, "ProtocolError", "the certificate is for another KDC", "") \
    X(KDC_ERR_WRONG_REALM, 68, 68, 0, "WrongRealm", "the client belongs to another realm", "Log in at the realm that the account belongs to: name it, alice@THAT.REALM.") \
    X(KRB_AP_ERR_USER_TO_USER_REQUIRED, 69, 69, 0, "PolicyRefused", "user-to-user authentication is required", "Use a client that does user-to-user authentication, or give the service a keytab.") \
    X(KDC_ERR_CANT_VERIFY_CERTIFICATE, 70, 70, 0, "CertificateError", "the certificate does not come from a CA that is trusted here", "The KDC trusts the CAs of `pkinit_anchors` in kdc.conf; certificates between them and the client's stand behind the client's in its file, or in `pkinit_pool`.") \
    X(KDC_ERR_INVALID_CERTIFICATE, 71, 71, 0, "CertificateError", "the certificate is not valid", "Look at its dates: openssl x509 -noout -dates -in FILE; and ask its CA for a new one.") \
    X(KDC_ERR_REVOKED_CERTIFICATE, 72, 72, 0, "CertificateError", "the certificate was revoked", "Ask the CA for a new one.") \
    X(KDC_ERR_REVOCATION_STATUS_UNKNOWN, 73, 73, 0, "CertificateError", "whether the certificate was revoked is not known", "A fresh CRL of each CA must stand in `pkinit_revoke` of kdc.conf.") \
    X(KDC_ERR_CLIENT_NAME_MISMATCH, 75, 75, 0, "CertificateError", "the certificate is not the client's", "It must bear the principal's name (id-pkinit-san), or be mapped to it: obol principal set NAME --certificate FILE.") \
    X(KDC_ERR_INCONSISTENT_KEY_PURPOSE, 77, 77, 0, "CertificateError", "the certificate is not made for this purpose", "It needs the extended key usage id-pkinit-KPClientAuth; or see `pkinit_eku_checking` in kdc.conf.") \
    X(KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED, 78, 78, 0, "CertificateError", "a certificate is signed with a digest that is too weak", "Ask its CA for one with SHA-256.") \
    X(KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED, 79, 79, 0, "ProtocolError", "the PKINIT request lacks the checksum of its body", "") \
    X(KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED, 80, 80, 0, "ProtocolError", "the PKINIT message is signed with a digest that is too weak", "Renew the peer's software. Until then `pkinit_allow_sha1 = true` lets peers in that know SHA-1 alone: in kdc.conf for clients, in krb5.conf for KDCs.") \
    X(KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED, 81, 81, 0, "ProtocolError", "key transport by RSA is not done", "Use Diffie-Hellman, as PKINIT clients do by default.") \
    X(KRB_AP_ERR_IAKERB_KDC_NOT_FOUND, 85, 85, 0, "KdcUnreachable", "the IAKERB proxy knows no KDC of the realm", "The service that relays the login needs a krb5.conf with `kdc` lines of the realm.") \
    X(KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE, 86, 86, 0, "KdcUnreachable", "no KDC answered the IAKERB proxy", "Check that the KDC runs, and the krb5.conf of the service that relays the login.") \
    X(KDC_ERR_PREAUTH_EXPIRED, 90, 90, 0, "ProtocolError", "the preauthentication exchange took too long", "Try again.") \
    X(KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, 91, 91, 0, "ProtocolError", "the KDC asks for more preauthentication data", "") \
    X(KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS, 93, 93, 0, "ProtocolError", "a critical FAST option is not known", "") \
    X(KDC_ERR_NO_ACCEPTABLE_KDF, 100, 100, 0, "ProtocolError", "none of the client's key derivation functions is known", "")
// clang-format on

#endif
