// event.c: see event.h. The codec is the fixed part of the event as the machine has it, then the
// texts; both sides are one binary on one machine. The reader still checks every length and value.
#include "server/event.h"
#include "base/reader.h"
#include "base/writer.h"
#include <arpa/inet.h>
#include <time.h>

enum { TEXTS = 13 };

struct event_wire {
    int64_t time_us, authtime, starttime, endtime, renew_till;
    uint64_t token_counter;
    uint32_t duration_us, request_len, reply_len, kdc_options, ticket_flags, token;
    int32_t result, etype_ticket, etype_session, etype_reply;
    uint16_t port, text_len[TEXTS];
    uint8_t kind, account, transport, answered, retransmitted, proven, address_len, address[16];
};

// The texts of an event in the order of the codec.
static void event_texts(const struct event *e, struct slice texts[TEXTS]) {
    const struct slice all[TEXTS] = {e->client,    e->server,       e->record,    e->stage,
                                     e->section,   e->detail,       e->worker,    e->requester,
                                     e->ticket_id, e->presented_id, e->second_id, e->preauth,
                                     e->operation};
    for (size_t i = 0; i < TEXTS; i++)
        texts[i] = slice_of(all[i].ptr, all[i].len < EVENT_TEXT_MAX ? all[i].len : EVENT_TEXT_MAX);
}

void event_encode(const struct event *e, struct writer *w) {
    struct event_wire wire = {
        .time_us = e->time_us,
        .duration_us = e->duration_us,
        .request_len = e->request_len,
        .reply_len = e->reply_len,
        .token = e->token,
        .token_counter = e->token_counter,
        .result = (int32_t)e->result,
        .etype_ticket = e->etype_ticket,
        .etype_session = e->etype_session,
        .etype_reply = e->etype_reply,
        .port = e->port,
        .kind = (uint8_t)e->kind,
        .account = (uint8_t)e->account,
        .transport = (uint8_t)e->transport,
        .answered = e->answered,
        .retransmitted = e->retransmitted,
        .proven = e->proven,
        .kdc_options = e->kdc_options,
        .ticket_flags = e->ticket_flags,
        .authtime = e->authtime,
        .starttime = e->starttime,
        .endtime = e->endtime,
        .renew_till = e->renew_till,
        .address_len = e->address_len,
    };
    struct slice texts[TEXTS];
    event_texts(e, texts);
    memcpy(wire.address, e->address, sizeof wire.address);
    for (size_t i = 0; i < TEXTS; i++)
        wire.text_len[i] = (uint16_t)texts[i].len;
    writer_bytes(w, slice_of(&wire, sizeof wire));
    for (size_t i = 0; i < TEXTS; i++)
        writer_bytes(w, texts[i]);
}

static bool wire_valid(const struct event_wire *wire) {
    return wire->result >= 0 && wire->result < OBOL_CODE_COUNT && wire->kind < EVENT_KIND_COUNT &&
           wire->account <= EVENT_ACCOUNT_LOCKED && wire->transport < EVENT_TRANSPORT_COUNT &&
           (wire->address_len == 0 || wire->address_len == 4 || wire->address_len == 16);
}

bool event_decode(struct slice bytes, struct event *out) {
    struct event_wire wire;
    struct reader r = reader_of(bytes);
    struct slice fixed = reader_bytes(&r, sizeof wire);
    if (!reader_ok(&r))
        return false;
    memcpy(&wire, fixed.ptr, sizeof wire);
    *out = (struct event){
        .time_us = wire.time_us,
        .duration_us = wire.duration_us,
        .request_len = wire.request_len,
        .reply_len = wire.reply_len,
        .token = wire.token,
        .token_counter = wire.token_counter,
        .result = (enum obol_code)wire.result,
        .etype_ticket = wire.etype_ticket,
        .etype_session = wire.etype_session,
        .etype_reply = wire.etype_reply,
        .port = wire.port,
        .kind = (enum event_kind)wire.kind,
        .account = (enum event_account)wire.account,
        .transport = (enum event_transport)wire.transport,
        .answered = wire.answered != 0,
        .retransmitted = wire.retransmitted != 0,
        .proven = wire.proven != 0,
        .kdc_options = wire.kdc_options,
        .ticket_flags = wire.ticket_flags,
        .authtime = wire.authtime,
        .starttime = wire.starttime,
        .endtime = wire.endtime,
        .renew_till = wire.renew_till,
        .address_len = wire.address_len,
    };
    memcpy(out->address, wire.address, sizeof out->address);
    struct slice *texts[TEXTS] = {
        &out->client,    &out->server,  &out->record,    &out->stage,     &out->section,
        &out->detail,    &out->worker,  &out->requester, &out->ticket_id, &out->presented_id,
        &out->second_id, &out->preauth, &out->operation};
    for (size_t i = 0; i < TEXTS; i++)
        *texts[i] = reader_bytes(&r, wire.text_len[i]);
    return reader_done(&r) && wire_valid(&wire);
}

const char *event_kind_name(enum event_kind kind) {
    static const char *const names[EVENT_KIND_COUNT] = {"OTHER",     "AS",      "TGS",
                                                        "MALFORMED", "KPASSWD", "KADMIN"};
    return (unsigned)kind < EVENT_KIND_COUNT ? names[kind] : "OTHER";
}

const char *event_transport_name(enum event_transport transport) {
    static const char *const names[EVENT_TRANSPORT_COUNT] = {"udp", "tcp", "https", "unix"};
    return (unsigned)transport < EVENT_TRANSPORT_COUNT ? names[transport] : "udp";
}

struct slice event_reason(const struct error *error, struct arena *a) {
    struct writer w = writer_to_arena(a);
    size_t at = 0;
    const char *name, *value;
    writer_str(&w, error->detail);
    while (error_fact_next(error, &at, &name, &value)) {
        writer_str(&w, w.len ? "; " : "");
        writer_str(&w, name);
        writer_str(&w, ": ");
        writer_str(&w, value);
    }
    return writer_slice(&w);
}

static const char *account_name(enum event_account account) {
    static const char *const names[] = {"none", "success", "failure", "locked"};
    return names[account];
}

// printf costs more than the rest of a line together, so numbers are written by hand.
static void put_number(struct writer *w, int64_t v) {
    uint8_t digits[20];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (v < 0)
        writer_u8(w, '-');
    writer_bytes(w, slice_of(digits + at, sizeof digits - at));
}

static void put_padded(struct writer *w, int64_t v, unsigned width) {
    uint8_t digits[8];
    for (unsigned i = width; i > 0; i--, v /= 10)
        digits[i - 1] = (uint8_t)('0' + v % 10);
    writer_bytes(w, slice_of(digits, width));
}

static void put_date(struct writer *w, time_t seconds) {
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    put_padded(w, tm.tm_year + 1900, 4);
    writer_u8(w, '-');
    put_padded(w, tm.tm_mon + 1, 2);
    writer_u8(w, '-');
    put_padded(w, tm.tm_mday, 2);
    writer_u8(w, 'T');
    put_padded(w, tm.tm_hour, 2);
    writer_u8(w, ':');
    put_padded(w, tm.tm_min, 2);
    writer_u8(w, ':');
    put_padded(w, tm.tm_sec, 2);
}

// ISO 8601 with microseconds, UTC. Thousands of lines share a second, so its text is kept.
static void put_time(struct writer *w, int64_t time_us) {
    static time_t kept;
    static uint8_t text[32];
    static size_t len;
    time_t seconds = (time_t)(time_us / 1000000);
    if (len == 0 || seconds != kept) {
        struct writer date = writer_to_buf(buf_of(text, sizeof text));
        put_date(&date, seconds);
        kept = seconds;
        len = date.len;
    }
    writer_bytes(w, slice_of(text, len));
    writer_u8(w, '.');
    put_padded(w, time_us % 1000000, 6);
    writer_u8(w, 'Z');
}

static void put_address(struct writer *w, const struct event *e) {
    char text[INET6_ADDRSTRLEN];
    if (e->address_len == 16) {
        if (inet_ntop(AF_INET6, e->address, text, sizeof text))
            writer_str(w, text);
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        if (i)
            writer_u8(w, '.');
        put_number(w, e->address[i]);
    }
}

// Whether a value needs no quotes in a text line: letters, digits and what names are made of.
static bool is_plain(struct slice s) {
    static const bool plain[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['/'] = true,
        ['@'] = true,         ['.'] = true,         ['-'] = true,         ['_'] = true,
        ['$'] = true,         ['+'] = true,         [':'] = true};
    for (size_t i = 0; i < s.len; i++)
        if (!plain[s.ptr[i]])
            return false;
    return s.len > 0;
}

static void text_member(struct writer *w, const char *name, struct slice value) {
    if (value.len == 0)
        return;
    writer_u8(w, ' ');
    writer_str(w, name);
    writer_u8(w, '=');
    if (is_plain(value))
        writer_bytes(w, value);
    else
        json_string(w, value);
}

static void text_number(struct writer *w, const char *name, int64_t value) {
    writer_u8(w, ' ');
    writer_str(w, name);
    writer_u8(w, '=');
    put_number(w, value);
}

static void text_peer(struct writer *w, const struct event *e) {
    if (e->transport == EVENT_UNIX)
        writer_str(w, " from=unix");
    if (e->address_len == 0)
        return;
    writer_str(w, " from=");
    writer_str(w, event_transport_name(e->transport));
    writer_str(w, e->address_len == 16 ? ":[" : ":");
    put_address(w, e);
    writer_str(w, e->address_len == 16 ? "]:" : ":");
    put_number(w, e->port);
}

void event_write_text(const struct event *e, struct writer *w) {
    put_time(w, e->time_us);
    writer_u8(w, ' ');
    writer_str(w, event_kind_name(e->kind));
    writer_u8(w, ' ');
    writer_str(w, e->result == OBOL_OK ? "ok" : error_info(e->result)->name);
    text_member(w, "operation", e->operation);
    text_member(w, "client", e->client);
    text_member(w, "server", e->server);
    if (!slice_eq(e->requester, e->client))
        text_member(w, "requester", e->requester);
    text_peer(w, e);
    text_number(w, "us", e->duration_us);
    text_number(w, "in", e->request_len);
    text_number(w, "out", e->reply_len);
    if (e->etype_ticket) {
        text_number(w, "ticket_etype", e->etype_ticket);
        text_number(w, "session_etype", e->etype_session);
        text_number(w, "reply_etype", e->etype_reply);
    }
    if (e->account != EVENT_ACCOUNT_NONE)
        text_member(w, "account", slice_str(account_name(e->account)));
    if (e->retransmitted)
        writer_str(w, " retransmitted");
    if (!e->answered)
        writer_str(w, " unanswered");
    text_member(w, "worker", e->worker);
    text_member(w, "stage", e->stage);
    text_member(w, "section", e->section);
    text_member(w, "reason", e->detail);
    writer_u8(w, '\n');
}

static void json_name(struct writer *w, const char *name) {
    writer_str(w, ",\"");
    writer_str(w, name);
    writer_str(w, "\":");
}

static void json_text(struct writer *w, const char *name, struct slice value) {
    if (value.len == 0)
        return;
    json_name(w, name);
    json_string(w, value);
}

static void json_number(struct writer *w, const char *name, int64_t value) {
    json_name(w, name);
    put_number(w, value);
}

static void json_peer(struct writer *w, const struct event *e) {
    if (e->address_len == 0 && e->transport != EVENT_UNIX)
        return;
    json_text(w, "transport", slice_str(event_transport_name(e->transport)));
    if (e->address_len == 0)
        return;
    json_name(w, "address");
    writer_u8(w, '"');
    put_address(w, e);
    writer_u8(w, '"');
    json_number(w, "port", e->port);
}

static void json_id(struct writer *w, const char *name, struct slice id) {
    static const char digits[] = "0123456789abcdef";
    if (id.len == 0)
        return;
    json_name(w, name);
    writer_u8(w, '"');
    for (size_t i = 0; i < id.len; i++) {
        writer_u8(w, (uint8_t)digits[id.ptr[i] >> 4]);
        writer_u8(w, (uint8_t)digits[id.ptr[i] & 15]);
    }
    writer_u8(w, '"');
}

static void json_moment(struct writer *w, const char *name, int64_t seconds) {
    if (seconds == 0)
        return;
    json_name(w, name);
    writer_u8(w, '"');
    put_date(w, (time_t)seconds);
    writer_str(w, "Z\"");
}

static void json_audit(struct writer *w, const struct event *e) {
    json_text(w, "requester", e->requester);
    json_text(w, "preauth", e->preauth);
    json_id(w, "ticket_id", e->ticket_id);
    json_id(w, "presented_ticket_id", e->presented_id);
    json_id(w, "additional_ticket_id", e->second_id);
    if (e->kind == EVENT_AS || e->kind == EVENT_TGS)
        json_number(w, "kdc_options", e->kdc_options);
    if (e->result != OBOL_OK || e->endtime == 0)
        return;
    json_number(w, "ticket_flags", e->ticket_flags);
    json_moment(w, "authtime", e->authtime);
    json_moment(w, "starttime", e->starttime);
    json_moment(w, "endtime", e->endtime);
    json_moment(w, "renew_till", e->renew_till);
}

static void write_json(const struct event *e, bool audit, struct writer *w) {
    writer_str(w, "{\"time\":\"");
    put_time(w, e->time_us);
    writer_u8(w, '"');
    json_text(w, "kind", slice_str(event_kind_name(e->kind)));
    json_text(w, "result", slice_str(e->result == OBOL_OK ? "ok" : error_info(e->result)->name));
    json_text(w, "operation", e->operation);
    json_text(w, "client", e->client);
    json_text(w, "server", e->server);
    json_peer(w, e);
    json_number(w, "us", e->duration_us);
    json_number(w, "in", e->request_len);
    json_number(w, "out", e->reply_len);
    if (e->etype_ticket) {
        json_number(w, "ticket_etype", e->etype_ticket);
        json_number(w, "session_etype", e->etype_session);
        json_number(w, "reply_etype", e->etype_reply);
    }
    if (e->account != EVENT_ACCOUNT_NONE)
        json_text(w, "account", slice_str(account_name(e->account)));
    if (e->retransmitted)
        writer_str(w, ",\"retransmitted\":true");
    if (!e->answered)
        writer_str(w, ",\"answered\":false");
    if (audit)
        json_audit(w, e);
    json_text(w, "worker", e->worker);
    json_text(w, "stage", e->stage);
    json_text(w, "section", e->section);
    json_text(w, "reason", e->detail);
    writer_str(w, "}\n");
}

void event_write_json(const struct event *e, struct writer *w) {
    write_json(e, false, w);
}

void event_write_audit(const struct event *e, struct writer *w) {
    write_json(e, true, w);
}
