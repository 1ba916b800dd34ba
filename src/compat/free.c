// free.c: the functions that free what the library has handed out. NULL is fine in each, as is a
// NULL context: programs free after a failure to get one. Keys and tickets are wiped.
#include "compat/convert.h"
#include "compat/private.h"
#include <stdlib.h>

void krb5_free_data_contents(krb5_context context, krb5_data *data) {
    UNUSED(context);
    if (!data)
        return;
    free(data->data);
    data->data = NULL;
    data->length = 0;
}

void krb5_free_data(krb5_context context, krb5_data *data) {
    krb5_free_data_contents(context, data);
    free(data);
}

void krb5_free_string(krb5_context context, char *string) {
    UNUSED(context);
    free(string);
}

void krb5_free_principal(krb5_context context, krb5_principal p) {
    if (!p)
        return;
    for (krb5_int32 i = 0; p->data && i < p->length; i++)
        krb5_free_data_contents(context, &p->data[i]);
    free(p->data);
    krb5_free_data_contents(context, &p->realm);
    free(p);
}

void krb5_free_unparsed_name(krb5_context context, char *name) {
    UNUSED(context);
    free(name);
}

void krb5_free_keyblock_contents(krb5_context context, krb5_keyblock *key) {
    UNUSED(context);
    if (!key)
        return;
    wipe_free(key->contents, key->length);
    key->contents = NULL;
    key->length = 0;
}

void krb5_free_keyblock(krb5_context context, krb5_keyblock *key) {
    krb5_free_keyblock_contents(context, key);
    free(key);
}

void krb5_free_address(krb5_context context, krb5_address *address) {
    UNUSED(context);
    if (address)
        free(address->contents);
    free(address);
}

void krb5_free_addresses(krb5_context context, krb5_address **list) {
    for (size_t i = 0; list && list[i]; i++)
        krb5_free_address(context, list[i]);
    free(list);
}

void krb5_free_authdata(krb5_context context, krb5_authdata **list) {
    UNUSED(context);
    for (size_t i = 0; list && list[i]; i++) {
        free(list[i]->contents);
        free(list[i]);
    }
    free(list);
}

void krb5_free_cred_contents(krb5_context context, krb5_creds *creds) {
    if (!creds)
        return;
    krb5_free_principal(context, creds->client);
    krb5_free_principal(context, creds->server);
    krb5_free_keyblock_contents(context, &creds->keyblock);
    krb5_free_addresses(context, creds->addresses);
    krb5_free_data_contents(context, &creds->ticket);
    krb5_free_data_contents(context, &creds->second_ticket);
    krb5_free_authdata(context, creds->authdata);
    creds->client = creds->server = NULL;
    creds->addresses = NULL;
    creds->authdata = NULL;
}

void krb5_free_creds(krb5_context context, krb5_creds *creds) {
    krb5_free_cred_contents(context, creds);
    free(creds);
}

void krb5_free_tgt_creds(krb5_context context, krb5_creds **list) {
    for (size_t i = 0; list && list[i]; i++)
        krb5_free_creds(context, list[i]);
    free(list);
}

krb5_error_code krb5_free_keytab_entry_contents(krb5_context context, krb5_keytab_entry *entry) {
    if (!entry)
        return 0;
    krb5_free_principal(context, entry->principal);
    entry->principal = NULL;
    krb5_free_keyblock_contents(context, &entry->key);
    return 0;
}

krb5_error_code krb5_kt_free_entry(krb5_context context, krb5_keytab_entry *entry) {
    return krb5_free_keytab_entry_contents(context, entry);
}

void krb5_free_checksum_contents(krb5_context context, krb5_checksum *cksum) {
    UNUSED(context);
    if (!cksum)
        return;
    free(cksum->contents);
    cksum->contents = NULL;
    cksum->length = 0;
}

void krb5_free_checksum(krb5_context context, krb5_checksum *cksum) {
    krb5_free_checksum_contents(context, cksum);
    free(cksum);
}

void krb5_free_cksumtypes(krb5_context context, krb5_cksumtype *list) {
    UNUSED(context);
    free(list);
}

void krb5_free_enc_tkt_part(krb5_context context, krb5_enc_tkt_part *part) {
    if (!part)
        return;
    krb5_free_keyblock(context, part->session);
    krb5_free_principal(context, part->client);
    krb5_free_data_contents(context, &part->transited.tr_contents);
    krb5_free_addresses(context, part->caddrs);
    krb5_free_authdata(context, part->authorization_data);
    free(part);
}

void krb5_free_ticket(krb5_context context, krb5_ticket *ticket) {
    if (!ticket)
        return;
    krb5_free_principal(context, ticket->server);
    krb5_free_data_contents(context, &ticket->enc_part.ciphertext);
    krb5_free_enc_tkt_part(context, ticket->enc_part2);
    free(ticket);
}

void krb5_free_authenticator(krb5_context context, krb5_authenticator *authenticator) {
    if (!authenticator)
        return;
    krb5_free_principal(context, authenticator->client);
    krb5_free_checksum(context, authenticator->checksum);
    krb5_free_keyblock(context, authenticator->subkey);
    krb5_free_authdata(context, authenticator->authorization_data);
    free(authenticator);
}

void krb5_free_ap_rep_enc_part(krb5_context context, krb5_ap_rep_enc_part *part) {
    if (!part)
        return;
    krb5_free_keyblock(context, part->subkey);
    free(part);
}

void krb5_free_error(krb5_context context, krb5_error *error) {
    if (!error)
        return;
    krb5_free_principal(context, error->client);
    krb5_free_principal(context, error->server);
    krb5_free_data_contents(context, &error->text);
    krb5_free_data_contents(context, &error->e_data);
    free(error);
}

krb5_error_code krb5_free_host_realm(krb5_context context, char *const *list) {
    UNUSED(context);
    for (size_t i = 0; list && list[i]; i++)
        free(list[i]);
    free((void *)(uintptr_t)list);
    return 0;
}
