// expand.h: %{uid} and the other tokens that file names in krb5.conf may hold (krb5.conf(5),
// "Parameter expansion").
#ifndef OBOL_CONFIG_EXPAND_H
#define OBOL_CONFIG_EXPAND_H

#include "base/arena.h"
#include "base/error.h"

// config_expand replaces %{uid}, %{euid}, %{USERID}, %{username}, %{TEMP}, %{null}, %{LIBDIR},
// %{BINDIR}, %{SBINDIR}. CONFIG_SYNTAX for a token that is not known, with the nearest that is.
MUST_USE enum obol_code config_expand(struct slice text, struct arena *a, struct slice *out,
                                      struct error *err);

#endif
