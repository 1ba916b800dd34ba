// logon_info.c: see logon_info.h. The order of members and of what their pointers lead to is that
// of MS-PAC 2.5.
#include "pac/logon_info.h"
#include "pac/ndr.h"

enum { STRINGS = 6 }; // from account to drive

// Pointers whose contents follow behind the structure.
struct pointers {
    struct ndr_string strings[STRINGS], server, domain;
    bool groups, domain_sid, extra, resource_domain, resource_groups;
};

static void read_fixed(struct ndr_reader *n, struct pac_logon_info *out, struct pointers *p) {
    out->logon = ndr_time(n);
    out->logoff = ndr_time(n);
    out->kickoff = ndr_time(n);
    out->password_set = ndr_time(n);
    out->password_can_change = ndr_time(n);
    out->password_must_change = ndr_time(n);
    for (int i = 0; i < STRINGS; i++)
        p->strings[i] = ndr_string_header(n);
    out->logon_count = ndr_u16(n);
    out->bad_password_count = ndr_u16(n);
    out->rid = ndr_u32(n);
    out->primary_group = ndr_u32(n);
    out->group_count = ndr_u32(n);
    p->groups = ndr_pointer(n);
    out->user_flags = ndr_u32(n);
    struct slice key = reader_bytes(&n->r, sizeof out->session_key);
    if (key.len)
        memcpy(out->session_key, key.ptr, key.len);
    p->server = ndr_string_header(n);
    p->domain = ndr_string_header(n);
    p->domain_sid = ndr_pointer(n);
    struct slice reserved = reader_bytes(&n->r, sizeof out->reserved);
    if (reserved.len)
        memcpy(out->reserved, reserved.ptr, reserved.len);
    out->account_control = ndr_u32(n);
    out->sub_auth_status = ndr_u32(n);
    out->last_success = ndr_time(n);
    out->last_failure = ndr_time(n);
    out->failures = ndr_u32(n);
    out->reserved3 = ndr_u32(n);
    out->extra_count = ndr_u32(n);
    p->extra = ndr_pointer(n);
    p->resource_domain = ndr_pointer(n);
    out->resource_count = ndr_u32(n);
    p->resource_groups = ndr_pointer(n);
}

// A count without a list, or a list without a count, is a lie.
static bool lists_agree(const struct pac_logon_info *out, const struct pointers *p) {
    return (p->groups || !out->group_count) && (p->extra || !out->extra_count) &&
           (p->resource_groups || !out->resource_count) && out->group_count <= PAC_GROUPS_MAX &&
           out->extra_count <= PAC_GROUPS_MAX && out->resource_count <= PAC_GROUPS_MAX;
}

static void read_groups(struct ndr_reader *n, bool there, struct pac_group **out, uint32_t count) {
    if (!there)
        return;
    ndr_count(n, count, 8);
    *out = reader_ok(&n->r) ? arena_zalloc(n->arena, count + 1u, sizeof **out) : NULL;
    if (!*out)
        reader_fail(&n->r);
    for (uint32_t i = 0; reader_ok(&n->r) && i < count; i++) {
        (*out)[i].rid = ndr_u32(n);
        (*out)[i].attributes = ndr_u32(n);
    }
}

static void read_extra(struct ndr_reader *n, struct pac_logon_info *out) {
    ndr_count(n, out->extra_count, 8);
    out->extra =
        reader_ok(&n->r) ? arena_zalloc(n->arena, out->extra_count + 1u, sizeof *out->extra) : NULL;
    if (!out->extra)
        reader_fail(&n->r);
    for (uint32_t i = 0; reader_ok(&n->r) && i < out->extra_count; i++) {
        if (!ndr_pointer(n))
            reader_fail(&n->r);
        out->extra[i].attributes = ndr_u32(n);
    }
    for (uint32_t i = 0; reader_ok(&n->r) && i < out->extra_count; i++)
        ndr_sid(n, &out->extra[i].sid);
}

enum obol_code pac_logon_info_read(struct slice data, struct arena *a, struct pac_logon_info *out,
                                   struct error *err) {
    struct pointers p;
    struct ndr_reader n = ndr_open(data, a);
    *out = (struct pac_logon_info){0};
    read_fixed(&n, out, &p);
    ENSURE(reader_ok(&n.r) && lists_agree(out, &p), FORMAT,
           "the PAC's logon info: %u groups, %u SIDs, %u resource groups in %zu bytes",
           out->group_count, out->extra_count, out->resource_count, data.len);
    struct slice *const strings[STRINGS] = {&out->account, &out->full_name, &out->script,
                                            &out->profile, &out->home,      &out->drive};
    for (int i = 0; i < STRINGS; i++)
        ndr_string_body(&n, &p.strings[i], strings[i]);
    read_groups(&n, p.groups, &out->groups, out->group_count);
    ndr_string_body(&n, &p.server, &out->server);
    ndr_string_body(&n, &p.domain, &out->domain);
    if (p.domain_sid)
        ndr_sid(&n, &out->domain_sid);
    if (p.extra)
        read_extra(&n, out);
    if (p.resource_domain)
        ndr_sid(&n, &out->resource_domain);
    read_groups(&n, p.resource_groups, &out->resource_groups, out->resource_count);
    ENSURE(ndr_close(&n), FORMAT, "the PAC's logon info of %zu bytes is malformed", data.len);
    return OBOL_OK;
}

static void write_fixed(struct ndr_writer *n, const struct pac_logon_info *in) {
    const struct slice strings[STRINGS] = {in->account, in->full_name, in->script,
                                           in->profile, in->home,      in->drive};
    ndr_put_time(n, in->logon);
    ndr_put_time(n, in->logoff);
    ndr_put_time(n, in->kickoff);
    ndr_put_time(n, in->password_set);
    ndr_put_time(n, in->password_can_change);
    ndr_put_time(n, in->password_must_change);
    for (int i = 0; i < STRINGS; i++)
        ndr_put_string_header(n, strings[i]);
    ndr_put_u16(n, in->logon_count);
    ndr_put_u16(n, in->bad_password_count);
    ndr_put_u32(n, in->rid);
    ndr_put_u32(n, in->primary_group);
    ndr_put_u32(n, in->group_count);
    ndr_put_pointer(n, in->group_count != 0);
    ndr_put_u32(n, in->user_flags);
    writer_bytes(&n->w, slice_of(in->session_key, sizeof in->session_key));
    ndr_put_string_header(n, in->server);
    ndr_put_string_header(n, in->domain);
    ndr_put_pointer(n, in->domain_sid.count != 0);
    writer_bytes(&n->w, slice_of(in->reserved, sizeof in->reserved));
    ndr_put_u32(n, in->account_control);
    ndr_put_u32(n, in->sub_auth_status);
    ndr_put_time(n, in->last_success);
    ndr_put_time(n, in->last_failure);
    ndr_put_u32(n, in->failures);
    ndr_put_u32(n, in->reserved3);
    ndr_put_u32(n, in->extra_count);
    ndr_put_pointer(n, in->extra_count != 0);
    ndr_put_pointer(n, in->resource_domain.count != 0);
    ndr_put_u32(n, in->resource_count);
    ndr_put_pointer(n, in->resource_count != 0);
}

static void write_groups(struct ndr_writer *n, const struct pac_group *groups, uint32_t count) {
    if (!count)
        return;
    ndr_put_u32(n, count);
    for (uint32_t i = 0; i < count; i++) {
        ndr_put_u32(n, groups[i].rid);
        ndr_put_u32(n, groups[i].attributes);
    }
}

static void write_extra(struct ndr_writer *n, const struct pac_logon_info *in) {
    if (!in->extra_count)
        return;
    ndr_put_u32(n, in->extra_count);
    for (uint32_t i = 0; i < in->extra_count; i++) {
        ndr_put_pointer(n, true);
        ndr_put_u32(n, in->extra[i].attributes);
    }
    for (uint32_t i = 0; i < in->extra_count; i++)
        ndr_put_sid(n, &in->extra[i].sid);
}

enum obol_code pac_logon_info_write(const struct pac_logon_info *in, struct arena *a,
                                    struct slice *out, struct error *err) {
    const struct slice strings[STRINGS] = {in->account, in->full_name, in->script,
                                           in->profile, in->home,      in->drive};
    struct ndr_writer n = ndr_begin(a);
    write_fixed(&n, in);
    for (int i = 0; i < STRINGS; i++)
        ndr_put_string_body(&n, strings[i]);
    write_groups(&n, in->groups, in->group_count);
    ndr_put_string_body(&n, in->server);
    ndr_put_string_body(&n, in->domain);
    if (in->domain_sid.count)
        ndr_put_sid(&n, &in->domain_sid);
    write_extra(&n, in);
    if (in->resource_domain.count)
        ndr_put_sid(&n, &in->resource_domain);
    write_groups(&n, in->resource_groups, in->resource_count);
    return ndr_end(&n, out, err);
}

enum obol_code pac_logon_info_at(struct slice written, uint64_t logon, struct arena *a,
                                 struct slice *out, struct error *err) {
    // It is the first member, behind the headers and the pointer to the structure.
    size_t at = NDR_HEADER_BYTES + 4;
    ENSURE(written.len >= at + 8, INVALID_ARGUMENT, "a logon info of %zu bytes", written.len);
    ENSURE(arena_copy(a, written, out), NO_MEMORY, "a buffer of the PAC");
    struct writer w = writer_to_buf(buf_of((uint8_t *)(uintptr_t)out->ptr + at, 8));
    writer_le64(&w, logon);
    return OBOL_OK;
}
