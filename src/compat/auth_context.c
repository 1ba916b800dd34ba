// auth_context.c: krb5_auth_context: made, asked, set.
#include "compat/auth_context.h"
#include "compat/private.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

const krb5_keyblock *ac_send_key(krb5_auth_context ac) {
    return ac->send_subkey ? ac->send_subkey : ac->recv_subkey ? ac->recv_subkey : ac->key;
}

const krb5_keyblock *ac_recv_key(krb5_auth_context ac) {
    return ac->recv_subkey ? ac->recv_subkey : ac->send_subkey ? ac->send_subkey : ac->key;
}

bool ac_set_key(krb5_keyblock **place, int32_t enctype, struct slice bytes) {
    krb5_keyblock *made = NULL;
    if (bytes.ptr) {
        made = calloc(1, sizeof *made);
        if (!made || !keyblock_out(made, enctype, bytes)) {
            free(made);
            return false;
        }
    }
    krb5_free_keyblock(NULL, *place);
    *place = made;
    return true;
}

krb5_ui_4 ac_random_seq(void) {
    uint32_t seq;
    env_random(env_system(), buf_of(&seq, sizeof seq));
    return seq & 0x3fffffff;
}

krb5_error_code krb5_auth_con_init(krb5_context context, krb5_auth_context *out) {
    UNUSED(context);
    if (!out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ENOMEM;
    (*out)->magic = KV5M_AUTH_CONTEXT;
    (*out)->flags = KRB5_AUTH_CONTEXT_DO_TIME;
    return 0;
}

krb5_error_code krb5_auth_con_free(krb5_context context, krb5_auth_context ac) {
    if (!ac_is(ac))
        return 0;
    ac->magic = 0;
    krb5_free_address(context, ac->local_addr);
    krb5_free_address(context, ac->remote_addr);
    krb5_free_address(context, ac->local_port);
    krb5_free_address(context, ac->remote_port);
    krb5_free_keyblock(context, ac->key);
    krb5_free_keyblock(context, ac->send_subkey);
    krb5_free_keyblock(context, ac->recv_subkey);
    krb5_free_authenticator(context, ac->authenticator);
    free(ac->rcache);
    free(ac);
    return 0;
}

krb5_error_code krb5_auth_con_setflags(krb5_context context, krb5_auth_context ac,
                                       krb5_int32 flags) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    ac->flags = flags;
    return 0;
}

krb5_error_code krb5_auth_con_getflags(krb5_context context, krb5_auth_context ac,
                                       krb5_int32 *out) {
    UNUSED(context);
    if (!ac_is(ac) || !out)
        return EINVAL;
    *out = ac->flags;
    return 0;
}

// ---- addresses

static krb5_error_code set_address(krb5_address **place, const krb5_address *from) {
    if (!from)
        return 0;
    krb5_address *made = address_out(from->addrtype, slice_of(from->contents, from->length));
    if (!made)
        return ENOMEM;
    krb5_free_address(NULL, *place);
    *place = made;
    return 0;
}

krb5_error_code krb5_auth_con_setaddrs(krb5_context context, krb5_auth_context ac,
                                       krb5_address *local, krb5_address *remote) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    krb5_error_code code = set_address(&ac->local_addr, local);
    return code ? code : set_address(&ac->remote_addr, remote);
}

krb5_error_code krb5_auth_con_getaddrs(krb5_context context, krb5_auth_context ac,
                                       krb5_address **local, krb5_address **remote) {
    UNUSED(context);
    if (!ac_is(ac) || !local || !remote)
        return EINVAL;
    *local = *remote = NULL;
    krb5_error_code code = set_address(local, ac->local_addr);
    return code ? code : set_address(remote, ac->remote_addr);
}

krb5_error_code krb5_auth_con_setports(krb5_context context, krb5_auth_context ac,
                                       krb5_address *local, krb5_address *remote) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    krb5_error_code code = set_address(&ac->local_port, local);
    return code ? code : set_address(&ac->remote_port, remote);
}

// The address and the port of one end of a socket; NULL where nothing is wanted. An IPv4 peer of a
// socket for both families has an IPv4 address, which is what tickets are bound to.
static krb5_error_code take(const struct sockaddr_storage *from, krb5_address **addr,
                            krb5_address **port) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    bool six = from->ss_family == AF_INET6;
    if (!six && from->ss_family != AF_INET)
        return KRB5_PROG_ATYPE_NOSUPP;
    const bool mapped = six && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);
    const uint8_t *at = six ? v6->sin6_addr.s6_addr : (const uint8_t *)&v4->sin_addr;
    krb5_address a = {
        .addrtype = six && !mapped ? ADDRTYPE_INET6 : ADDRTYPE_INET,
        .length = six && !mapped ? 16 : 4,
        .contents = (krb5_octet *)(uintptr_t)(mapped ? at + 12 : at),
    };
    in_port_t number = six ? v6->sin6_port : v4->sin_port;
    krb5_address p = {.addrtype = ADDRTYPE_IPPORT, .length = 2, .contents = (krb5_octet *)&number};
    krb5_error_code code = set_address(addr, &a);
    return code || !port ? code : set_address(port, &p);
}

krb5_error_code krb5_auth_con_genaddrs(krb5_context context, krb5_auth_context ac, int fd,
                                       int flags) {
    UNUSED(context);
    struct sockaddr_storage end = {0};
    krb5_error_code code = 0;
    if (!ac_is(ac))
        return EINVAL;
    bool local_full = flags & KRB5_AUTH_CONTEXT_GENERATE_LOCAL_FULL_ADDR;
    bool remote_full = flags & KRB5_AUTH_CONTEXT_GENERATE_REMOTE_FULL_ADDR;
    if (local_full || (flags & KRB5_AUTH_CONTEXT_GENERATE_LOCAL_ADDR)) {
        socklen_t len = sizeof end;
        if (getsockname(fd, (struct sockaddr *)&end, &len) != 0)
            return errno;
        code = take(&end, &ac->local_addr, local_full ? &ac->local_port : NULL);
    }
    if (!code && (remote_full || (flags & KRB5_AUTH_CONTEXT_GENERATE_REMOTE_ADDR))) {
        socklen_t len = sizeof end;
        if (getpeername(fd, (struct sockaddr *)&end, &len) != 0)
            return errno;
        code = take(&end, &ac->remote_addr, remote_full ? &ac->remote_port : NULL);
    }
    return code;
}

// ---- keys

static krb5_error_code copy_key(const krb5_keyblock *from, krb5_keyblock **out) {
    if (!out)
        return EINVAL;
    *out = NULL;
    return from ? krb5_copy_keyblock(NULL, from, out) : 0;
}
static krb5_error_code replace_key(krb5_keyblock **place, const krb5_keyblock *from) {
    struct slice bytes = keyblock_in(from);
    return ac_set_key(place, from ? from->enctype : 0, bytes) ? 0 : ENOMEM;
}

krb5_error_code krb5_auth_con_getkey(krb5_context context, krb5_auth_context ac,
                                     krb5_keyblock **out) {
    UNUSED(context);
    return ac_is(ac) ? copy_key(ac->key, out) : EINVAL;
}

krb5_error_code krb5_auth_con_setuseruserkey(krb5_context context, krb5_auth_context ac,
                                             krb5_keyblock *key) {
    UNUSED(context);
    return ac_is(ac) ? replace_key(&ac->key, key) : EINVAL;
}

krb5_error_code krb5_auth_con_getsendsubkey(krb5_context context, krb5_auth_context ac,
                                            krb5_keyblock **out) {
    UNUSED(context);
    return ac_is(ac) ? copy_key(ac->send_subkey, out) : EINVAL;
}

krb5_error_code krb5_auth_con_getrecvsubkey(krb5_context context, krb5_auth_context ac,
                                            krb5_keyblock **out) {
    UNUSED(context);
    return ac_is(ac) ? copy_key(ac->recv_subkey, out) : EINVAL;
}

krb5_error_code krb5_auth_con_setsendsubkey(krb5_context context, krb5_auth_context ac,
                                            krb5_keyblock *key) {
    UNUSED(context);
    return ac_is(ac) ? replace_key(&ac->send_subkey, key) : EINVAL;
}

krb5_error_code krb5_auth_con_setrecvsubkey(krb5_context context, krb5_auth_context ac,
                                            krb5_keyblock *key) {
    UNUSED(context);
    return ac_is(ac) ? replace_key(&ac->recv_subkey, key) : EINVAL;
}

krb5_error_code krb5_auth_con_getlocalsubkey(krb5_context context, krb5_auth_context ac,
                                             krb5_keyblock **out) {
    return krb5_auth_con_getsendsubkey(context, ac, out);
}

krb5_error_code krb5_auth_con_getremotesubkey(krb5_context context, krb5_auth_context ac,
                                              krb5_keyblock **out) {
    return krb5_auth_con_getrecvsubkey(context, ac, out);
}

// ---- the rest

krb5_error_code krb5_auth_con_getlocalseqnumber(krb5_context context, krb5_auth_context ac,
                                                krb5_int32 *out) {
    UNUSED(context);
    if (!ac_is(ac) || !out)
        return EINVAL;
    *out = (krb5_int32)ac->local_seq;
    return 0;
}

krb5_error_code krb5_auth_con_getremoteseqnumber(krb5_context context, krb5_auth_context ac,
                                                 krb5_int32 *out) {
    UNUSED(context);
    if (!ac_is(ac) || !out)
        return EINVAL;
    *out = (krb5_int32)ac->remote_seq;
    return 0;
}

// Ciphers with a state between messages are gone.
krb5_error_code krb5_auth_con_initivector(krb5_context context, krb5_auth_context ac) {
    UNUSED(context);
    return ac_is(ac) && ac->key ? 0 : EINVAL;
}

krb5_error_code krb5_auth_con_set_req_cksumtype(krb5_context context, krb5_auth_context ac,
                                                krb5_cksumtype type) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    ac->req_cksumtype = type;
    return 0;
}

krb5_error_code krb5_auth_con_set_checksum_func(krb5_context context, krb5_auth_context ac,
                                                krb5_mk_req_checksum_func func, void *data) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    ac->checksum_func = func;
    ac->checksum_data = data;
    return 0;
}

krb5_error_code krb5_auth_con_get_checksum_func(krb5_context context, krb5_auth_context ac,
                                                krb5_mk_req_checksum_func *func, void **data) {
    UNUSED(context);
    if (!ac_is(ac) || !func || !data)
        return EINVAL;
    *func = ac->checksum_func;
    *data = ac->checksum_data;
    return 0;
}

static bool copy_authenticator(const krb5_authenticator *from, krb5_authenticator *to) {
    *to = (krb5_authenticator){
        .magic = KV5M_AUTHENTICATOR,
        .cusec = from->cusec,
        .ctime = from->ctime,
        .seq_number = from->seq_number,
    };
    bool ok = true;
    if (from->checksum) {
        to->checksum = calloc(1, sizeof *to->checksum);
        ok = to->checksum && (to->checksum->contents = bytes_out(
                                  slice_of(from->checksum->contents, from->checksum->length)));
        if (ok) {
            to->checksum->checksum_type = from->checksum->checksum_type;
            to->checksum->length = from->checksum->length;
        }
    }
    return ok && (!from->subkey || krb5_copy_keyblock(NULL, from->subkey, &to->subkey) == 0);
}

krb5_error_code krb5_auth_con_getauthenticator(krb5_context context, krb5_auth_context ac,
                                               krb5_authenticator **out) {
    if (!ac_is(ac) || !ac->authenticator || !out)
        return EINVAL;
    *out = NULL;
    krb5_authenticator *made = calloc(1, sizeof *made);
    if (!made)
        return ENOMEM;
    bool ok = copy_authenticator(ac->authenticator, made) &&
              krb5_copy_principal(context, ac->authenticator->client, &made->client) == 0 &&
              krb5_copy_authdata(context, ac->authenticator->authorization_data,
                                 &made->authorization_data) == 0;
    if (!ok) {
        krb5_free_authenticator(context, made);
        return ENOMEM;
    }
    *out = made;
    return 0;
}
