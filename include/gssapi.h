// gssapi.h: the GSS-API under its old name; see gssapi/gssapi.h.
#include <gssapi/gssapi.h>
