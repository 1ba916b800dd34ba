"""Kerberos' types (``gssapi.raw.mech_krb5``), which stand in ``types``.

Source: ``python/obol/compat/gssapi/raw/mech_krb5.py``.
"""
