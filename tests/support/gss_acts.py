# gss_acts.py KEYTAB USER [TARGET TARGET_KEYTAB]: python-gssapi, unchanged, on whatever library is loaded: the service whose
# ticket the cache has, and whose key KEYTAB, acts for USER towards TARGET (service@host, or a principal's name). USER is a
# name, which it impersonates (S4U2Self), or "cache:FILE": he comes with a ticket of his own. Says in JSON what the target
# learns of him; without a target, what the service itself does.
import base64
import json
import sys

import gssapi
from gssapi.raw import acquire_cred_impersonate_name, misc


def talk(name, creds, acceptor):
    """The acceptor's context."""
    ends = gssapi.SecurityContext(name=name, creds=creds, usage="initiate"), gssapi.SecurityContext(creds=acceptor, usage="accept")
    token = None
    while not (ends[0].complete and ends[1].complete):
        token = ends[0].step(token)
        token = token if token is None else ends[1].step(token)
    return ends[1]


def name_of(target):
    kind = gssapi.NameType.kerberos_principal if "/" in target else gssapi.NameType.hostbased_service
    return gssapi.Name(target, kind)


def learned(context, **more):
    attributes = context.initiator_name.attributes
    pac = next(iter(attributes[b"urn:mspac:"].values)) if b"urn:mspac:" in attributes else b""
    return {"client": str(context.initiator_name), "pac": base64.b64encode(pac).decode(), **more}


def act(keytab, user, target=None, target_keytab=None):
    service = gssapi.Credentials(usage="both", store={"keytab": keytab})
    if user.startswith("cache:"):
        guest = gssapi.Credentials(usage="initiate", store={"ccache": user.removeprefix("cache:")})
        context = talk(service.name, guest, service)
        if target is None:
            return learned(context)
        creds = context.delegated_creds
    else:
        creds = gssapi.Credentials(acquire_cred_impersonate_name(service, gssapi.Name(user, gssapi.NameType.user)).creds)
        if target is None:
            return {"held": str(creds.name)}
    there = gssapi.Credentials(usage="accept", store={"keytab": target_keytab})
    return learned(talk(name_of(target), creds, there), held=str(creds.name))


try:
    said = act(*sys.argv[1:])
except misc.GSSError as error:
    said = {"failed": str(error)}
print(json.dumps(said))
