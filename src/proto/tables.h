// tables.h: what the files of tables share with each other: the tables that no caller needs.
#ifndef OBOL_PROTO_TABLES_H
#define OBOL_PROTO_TABLES_H

#include "der/table.h"
#include "proto/types.h"

extern const struct der_type TYPE_INT32S, TYPE_HOST_ADDRESS, TYPE_AUTHDATA, TYPE_PADATA,
    TYPE_TICKETS;

#endif
