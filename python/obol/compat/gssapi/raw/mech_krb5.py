"""Kerberos' types (``gssapi.raw.mech_krb5``), which stand in ``types``."""
