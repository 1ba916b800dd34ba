// com_err.h: the interface of libcom_err, which Debian has as a library of its own (libcom-err2) and
// programs link besides ours: error_message() gives the text of a krb5_error_code.
#ifndef __COM_ERR_H
#define __COM_ERR_H
#define __COM_ERR_H__

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef long errcode_t;
struct error_table {
    char const *const *msgs; // n_msgs of them, the first for the code `base`
    long base;
    int n_msgs;
};
struct et_list;

extern char const *error_message(long code);
extern void com_err(const char *whoami, long code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
extern void com_err_va(const char *whoami, errcode_t code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
typedef void (*et_old_error_hook_func)(const char *, long, const char *, va_list);
extern et_old_error_hook_func set_com_err_hook(et_old_error_hook_func);
extern et_old_error_hook_func reset_com_err_hook(void);
extern errcode_t add_error_table(const struct error_table *table);
extern errcode_t remove_error_table(const struct error_table *table);

#ifdef __cplusplus
}
#endif
#endif
