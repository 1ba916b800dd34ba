// kdc_radius.c: [otp] of kdc.conf: the RADIUS servers that are asked about one-time codes. Files
// and names are looked up when the configuration is read, by who starts the daemon; a worker needs
// no right to either.
#include "base/ct.h"
#include "base/secret.h"
#include "server/kdc_settings.h"
#include "server/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 1024, NAME_MAX_BYTES = 256 };

// "HOST", "HOST:PORT", "[V6]:PORT", "V6".
static bool split(struct slice word, char *host, char *port) {
    const bool brackets = word.len && word.ptr[0] == '[';
    size_t end = slice_find(word, brackets ? ']' : ':'), start = brackets;
    struct slice rest = slice_sub(word, end + brackets, word.len);
    if (!brackets && slice_find(slice_sub(rest, 1, rest.len), ':') + 1 < rest.len)
        end = word.len, rest.len = 0; // an address of IPv6 without a port
    if (word.len >= NAME_MAX_BYTES || end <= start || (brackets && end == word.len) ||
        (rest.len && (rest.ptr[0] != ':' || rest.len < 2 || rest.len > 6)))
        return false;
    memcpy(host, word.ptr + start, end - start);
    host[end - start] = '\0';
    memcpy(port, rest.len ? rest.ptr + 1 : (const uint8_t *)"1812", rest.len ? rest.len - 1 : 4);
    port[rest.len ? rest.len - 1 : 4] = '\0';
    return true;
}

// A name that is not found now is no reason not to serve: those who need it are told.
static enum obol_code take_server(struct kdc_settings *s, const struct kdcconf_otp *conf,
                                  struct slice word, struct asker_server *out, struct error *err) {
    char host[NAME_MAX_BYTES], port[NAME_MAX_BYTES];
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    ENSURE(word.ptr[0] == '/' || split(word, host, port), CONFIG_SYNTAX,
           "[otp]: `server` of %.*s: \"%.*s\" is none of HOST, HOST:PORT, [IPV6]:PORT, /PATH",
           SLICE_ARG(conf->name), SLICE_ARG(word));
    out->text = word;
    if (word.ptr[0] == '/') { // who may be there, the directory's owner says
        out->address.any.sa_family = AF_UNIX;
        return OBOL_OK;
    }
    int result = getaddrinfo(host, port, &hints, &found);
    ENSURE(result != EAI_SERVICE, CONFIG_SYNTAX, "[otp]: `server` of %.*s: \"%s\" is no port",
           SLICE_ARG(conf->name), port);
    if (result != 0)
        config_note(
            &s->conf.profile.notes, NULL, 0, "[otp]: the RADIUS server %s of %s is not asked: %s",
            config_text(&s->arena, word), config_text(&s->arena, conf->name), gai_strerror(result));
    else
        memcpy(&out->address, found->ai_addr,
               found->ai_addrlen < sizeof out->address ? found->ai_addrlen : sizeof out->address);
    if (found)
        freeaddrinfo(found);
    return OBOL_OK;
}

static enum obol_code read_secret(const char *path, struct secret *out, struct error *err) {
    uint8_t bytes[SECRET_MAX + 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ENSURE(fd >= 0, CONFIG_SYNTAX, "[otp]: `secret`: %s: %s", path, strerror(errno));
    bool known = fstat(fd, &st) == 0;
    ssize_t n = known && S_ISREG(st.st_mode) ? read(fd, bytes, sizeof bytes) : -1;
    close(fd);
    // As MIT's KDC has it: white space at its ends is none of it.
    struct slice secret = slice_trim(slice_of(bytes, n > 0 ? (size_t)n : 0));
    const bool fits = n <= SECRET_MAX && secret.len > 0;
    const bool ours = known && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    const bool kept = fits && ours && secret_copy(out, secret);
    wipe(bytes, sizeof bytes);
    if (!ours)
        error_remedy(err, "chmod 600 %s", path);
    ENSURE(ours, CONFIG_SYNTAX,
           "[otp]: `secret`: %s has mode %03o: others than its owner may read or change it", path,
           (unsigned)(st.st_mode & 0777));
    ENSURE(fits, CONFIG_SYNTAX, "[otp]: `secret`: %s is empty, longer than %d bytes, or no file",
           path, SECRET_MAX);
    ENSURE(kept, NO_MEMORY, "a secret of RADIUS");
    return OBOL_OK;
}

static enum obol_code take_type(struct kdc_settings *s, const struct kdcconf_otp *conf,
                                const char *home, struct error *err) {
    struct asker_service *service = &s->radius[s->radius_count];
    struct secret *secret = &s->radius_secrets[s->radius_count];
    const char *path;
    ENSURE(conf->server.count <= ASKER_SERVERS_MAX, CONFIG_SYNTAX,
           "[otp]: `server` of %.*s has %zu servers; %d are possible", SLICE_ARG(conf->name),
           conf->server.count, ASKER_SERVERS_MAX);
    for (size_t i = 0; i < conf->server.count; i++)
        TRY(take_server(s, conf, conf->server.items[i], &service->servers[i], err));
    if (conf->secret.len) { // else all servers are at sockets of this machine
        TRY(kdc_settings_path(s, home, conf->secret, &path, err));
        TRY(read_secret(path, secret, err));
    }
    service->name = conf->name;
    service->server_count = conf->server.count;
    service->secret = secret_slice(secret);
    service->timeout_us = conf->timeout * 1000000;
    service->tries = (unsigned)conf->retries + 1;
    s->otp_types[s->radius_count++] = (struct kdc_otp_type){
        .name = conf->name, .strip_realm = conf->strip_realm, .indicators = conf->indicator};
    return OBOL_OK;
}

enum obol_code kdc_radius_take(struct kdc_settings *s, const char *home, struct error *err) {
    const size_t count = s->conf.otp_count;
    if (count == 0)
        return OBOL_OK;
    s->radius = calloc(count, sizeof *s->radius);
    s->radius_secrets = calloc(count, sizeof *s->radius_secrets);
    s->otp_types = arena_zalloc(&s->arena, count, sizeof *s->otp_types);
    ENSURE_MEMORY(s->radius && s->radius_secrets ? s->otp_types : NULL);
    for (size_t i = 0; i < count; i++)
        TRY(take_type(s, &s->conf.otp[i], home, err));
    s->policy.otp_types = s->otp_types;
    s->policy.otp_type_count = s->radius_count;
    return OBOL_OK;
}

static enum obol_code join_realm(struct kdc_settings *s, const struct kdc_settings *realm,
                                 struct error *err) {
    struct server_config *server = &s->server;
    for (size_t i = 0; i < realm->radius_count; i++) {
        ENSURE(server->outside_count < ASKER_SERVICES_MAX, CONFIG_SYNTAX,
               "[otp]: more than %d types of tokens", ASKER_SERVICES_MAX);
        realm->otp_types[i].service = server->outside_count;
        s->outside[server->outside_count++] = &realm->radius[i];
    }
    return OBOL_OK;
}

enum obol_code kdc_radius_join(struct kdc_settings *s, struct error *err) {
    const struct kdc_settings *realm;
    for (size_t i = 0; (realm = kdc_settings_at(s, i)) != NULL; i++)
        TRY(join_realm(s, realm, err));
    if (gethostname(s->host, sizeof s->host - 1) != 0 || !s->host[0])
        s->host[0] = 'k';
    s->server.outside = s->outside;
    s->server.outside_as = slice_str(s->host);
    return OBOL_OK;
}

void kdc_radius_clear(struct kdc_settings *s) {
    for (size_t i = 0; s->radius_secrets && i < s->radius_count; i++)
        secret_clear(&s->radius_secrets[i]);
    free(s->radius_secrets);
    free(s->radius);
}
