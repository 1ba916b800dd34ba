// proved.c: what a client's ticket proves besides its name (gss/proved.h): the PAC as values, and
// authentication indicators.
#include "gss/proved.h"
#include "context.h"
#include "pac/logon_info.h"
#include "proto/authdata.h"
#include "proto/codes.h"

// The proved elements; their count.
static size_t proved(const struct context *self, struct gss_proved out[GSS_PROVED_MAX]) {
    const struct ap_accepted *ap = self->acceptor ? self->acceptor->ap : NULL;
    return ap ? gss_proved_read(&ap->ticket, ap->ticket_key, self->arena, out) : 0;
}

static bool append(PyObject *list, PyObject *one) {
    int failed = one ? PyList_Append(list, one) : -1;
    Py_XDECREF(one);
    return failed == 0;
}

static bool add_indicators(PyObject *list, struct slice der, struct arena *a) {
    struct slice_list words;
    if (der_decode(&TYPE_AD_AUTHENTICATION_INDICATOR, der, a, &words, NULL) != OBOL_OK)
        return true; // of no shape that we know: it says nothing
    for (size_t i = 0; i < words.count; i++)
        if (!append(list, py_text(words.items[i])))
            return false;
    return true;
}

PyObject *context_indicators(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    struct gss_proved found[GSS_PROVED_MAX];
    PyObject *list = context_usable(self) ? PyList_New(0) : NULL;
    size_t count = list ? proved(self, found) : 0;
    for (size_t i = 0; list && i < count; i++)
        if (found[i].ad_type == AD_AUTHENTICATION_INDICATOR &&
            !add_indicators(list, found[i].data, self->arena))
            Py_CLEAR(list);
    return list;
}

// ---- the PAC

static PyObject *py_sid(const struct sid *sid) {
    char text[256];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    sid_format(&w, sid);
    return py_text(writer_slice(&w));
}

static PyObject *py_rid(const struct sid *domain, uint32_t rid) {
    struct sid sid;
    if (!domain->count || !sid_add(domain, rid, &sid))
        Py_RETURN_NONE;
    return py_sid(&sid);
}

static bool add_groups(PyObject *list, const struct sid *domain, const struct pac_group *groups,
                       uint32_t count) {
    for (uint32_t i = 0; domain->count && i < count; i++)
        if (!append(list, py_rid(domain, groups[i].rid)))
            return false;
    return true;
}

static bool put(PyObject *dict, const char *name, PyObject *value) {
    int failed = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return failed == 0;
}

static PyObject *py_groups(const struct pac_logon_info *info) {
    PyObject *list = PyList_New(0);
    bool well =
        list && add_groups(list, &info->domain_sid, info->groups, info->group_count) &&
        add_groups(list, &info->resource_domain, info->resource_groups, info->resource_count);
    for (uint32_t i = 0; well && i < info->extra_count; i++)
        well = append(list, py_sid(&info->extra[i].sid));
    if (!well)
        Py_CLEAR(list);
    return list;
}

static bool put_logon(PyObject *dict, const struct pac *pac, struct arena *a) {
    const struct pac_buffer *found = pac_find(pac, PAC_LOGON_INFO);
    struct pac_logon_info info;
    if (!found || pac_logon_info_read(found->data, a, &info, NULL) != OBOL_OK)
        return true;
    return put(dict, "account", py_text(info.account)) &&
           put(dict, "full_name", py_text(info.full_name)) &&
           put(dict, "domain", py_text(info.domain)) && put(dict, "server", py_text(info.server)) &&
           put(dict, "sid", py_rid(&info.domain_sid, info.rid)) &&
           put(dict, "primary_group", py_rid(&info.domain_sid, info.primary_group)) &&
           put(dict, "groups", py_groups(&info));
}

static bool put_upn(PyObject *dict, const struct pac *pac, struct arena *a) {
    const struct pac_buffer *found = pac_find(pac, PAC_UPN_DNS_INFO);
    struct pac_upn_dns_info info;
    if (!found || pac_upn_dns_info_read(found->data, a, &info, NULL) != OBOL_OK)
        return true;
    return put(dict, "upn", py_text(info.upn)) && put(dict, "dns_domain", py_text(info.dns_domain));
}

// pac: a dict of what it says (its bytes under "raw"), None if there is none that is proved.
PyObject *context_pac(PyObject *object, void *unused) {
    UNUSED(unused);
    struct context *self = (struct context *)object;
    struct gss_proved found[GSS_PROVED_MAX];
    if (!context_usable(self))
        return NULL;
    size_t count = proved(self, found);
    for (size_t i = 0; i < count; i++) {
        struct pac pac;
        if (found[i].ad_type != AD_WIN2K_PAC || pac_parse(found[i].data, &pac, NULL) != OBOL_OK)
            continue;
        PyObject *dict = PyDict_New();
        if (dict && put(dict, "raw", py_bytes(pac.raw)) && put_logon(dict, &pac, self->arena) &&
            put_upn(dict, &pac, self->arena))
            return dict;
        Py_XDECREF(dict);
        return NULL;
    }
    Py_RETURN_NONE;
}
