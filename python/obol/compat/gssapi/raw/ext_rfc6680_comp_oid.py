"""The type of names with attributes (``gssapi.raw.ext_rfc6680_comp_oid``): ``types`` has it."""
