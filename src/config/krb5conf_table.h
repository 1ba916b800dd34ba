// krb5conf_table.h: the schemas themselves, for the loaders and for tools that print them.
#ifndef OBOL_CONFIG_KRB5CONF_TABLE_H
#define OBOL_CONFIG_KRB5CONF_TABLE_H

#include "config/schema.h"

extern const struct config_schema KRB5CONF_SCHEMA, KDCCONF_SCHEMA;

#endif
