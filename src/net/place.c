// place.c: a KDC as krb5.conf writes it (the `kdc` relation of [realms]): an optional protocol, a
// host or address, an optional port.
#include "net/locate.h"

#include <sys/un.h>

#define SOCKET_PATH_MAX (sizeof((struct sockaddr_un *)0)->sun_path) // with its NUL

static bool parse_port(struct slice text, uint16_t *out) {
    unsigned value = 0;
    for (size_t i = 0; i < text.len && value <= 0xffff; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = (uint16_t)value;
    return text.len > 0 && value > 0 && value <= 0xffff;
}

static bool take_prefix(struct slice *text, const char *prefix) {
    size_t len = strlen(prefix);
    if (text->len < len || !slice_eq_nocase(slice_sub(*text, 0, len), slice_str(prefix)))
        return false;
    *text = slice_sub(*text, len, text->len);
    return true;
}

// Splits "[v6]:port", "host:port", "v6"; false if it is none of them.
static bool split(struct slice text, struct net_place *out) {
    if (text.len && text.ptr[0] == '[') {
        size_t end = slice_find(text, ']');
        out->host = slice_sub(text, 1, end - 1);
        struct slice rest = slice_sub(text, end + 1, text.len);
        if (end == text.len || rest.len == 0)
            return end != text.len;
        return rest.ptr[0] == ':' && parse_port(slice_sub(rest, 1, rest.len), &out->port);
    }
    size_t colon = slice_find(text, ':');
    struct slice rest = slice_sub(text, colon + 1, text.len);
    out->host = text;
    // Two colons: an IPv6 address that stands bare.
    if (colon == text.len || slice_find(rest, ':') != rest.len)
        return true;
    out->host = slice_sub(text, 0, colon);
    return parse_port(rest, &out->port);
}

static enum obol_code parse_path(struct slice path, struct net_place *out, struct error *err) {
    ENSURE(path.len < SOCKET_PATH_MAX && slice_find(path, '\0') == path.len, CONFIG_SYNTAX,
           "'%.*s' is longer than the path of a socket may be (%zu bytes)", SLICE_ARG(path),
           SOCKET_PATH_MAX - 1);
    out->host = path;
    out->local = true;
    out->protocols = NET_TCP;
    return OBOL_OK;
}

static enum obol_code parse_url(struct slice url, struct slice rest, struct net_place *out,
                                struct error *err) {
    struct net_place host = {.port = 443};
    struct slice name = slice_sub(rest, 0, slice_find(rest, '/'));
    bool plain = true;
    for (size_t i = 0; i < url.len; i++)
        plain &= url.ptr[i] > ' ' && url.ptr[i] < 0x7f;
    ENSURE(plain && split(name, &host) && host.host.len > 0, CONFIG_SYNTAX,
           "'%.*s' is no proxy; expected https://host/path or https://host:port/path",
           SLICE_ARG(url));
    *out = (struct net_place){.host = url, .port = host.port, .protocols = NET_HTTPS};
    return OBOL_OK;
}

enum obol_code net_place_parse(struct slice text, uint16_t default_port, struct net_place *out,
                               struct error *err) {
    struct slice rest = slice_trim(text);
    *out = (struct net_place){.port = default_port, .protocols = NET_UDP | NET_TCP};
    if (rest.len && rest.ptr[0] == '/')
        return parse_path(rest, out, err);
    if (take_prefix(&rest, "https://"))
        return parse_url(slice_trim(text), rest, out, err);
    if (take_prefix(&rest, "tcp/"))
        out->protocols = NET_TCP;
    else if (take_prefix(&rest, "udp/"))
        out->protocols = NET_UDP;
    ENSURE(split(rest, out) && out->host.len > 0 && slice_find(out->host, '/') == out->host.len,
           CONFIG_SYNTAX,
           "'%.*s' is no KDC; expected host, host:port, [v6]:port, tcp/host:port, /socket "
           "or https://host/path",
           SLICE_ARG(text));
    return OBOL_OK;
}

void net_places_check(struct krb5conf *conf, struct arena *a) {
    static const char *const keys[] = {"kdc", "primary_kdc", "master_kdc", "admin_server",
                                       "kpasswd_server"};
    struct profile *p = &conf->profile;
    const struct profile_node *realms = profile_section(p, NULL, SLICE_LITERAL("realms"));
    for (const struct profile_node *r = realms ? realms->children : NULL; r; r = r->next) {
        for (size_t i = 0; r->is_section && i < COUNT_OF(keys); i++) {
            const struct profile_node *n = profile_first(r, slice_str(keys[i]));
            for (; n; n = profile_next(n)) {
                struct net_place place;
                if (net_place_parse(n->value, 88, &place, NULL) == OBOL_CONFIG_SYNTAX)
                    config_note(&p->notes, n->file, n->line,
                                "`%s` is '%s'; expected host, host:port, [v6]:port, "
                                "tcp/host:port, /socket or https://host/path, with a port from 1 "
                                "to 65535",
                                keys[i], config_text(a, n->value));
            }
        }
    }
}
