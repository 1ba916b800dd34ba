"""The type of names with attributes (``gssapi.raw.ext_rfc6680_comp_oid``): ``types`` has it.

Source: ``python/obol/compat/gssapi/raw/ext_rfc6680_comp_oid.py``.
"""
