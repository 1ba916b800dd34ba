# samba_domain.py DIRECTORY: makes a domain of Samba's in the directory, with what standard input says in JSON: users,
# services (accounts with SPNs) and the realms that it trusts. Samba's own tools do this over RPC between two
# domain controllers; here its Python modules write to the new domain's database, and ours is no controller.
import json
import logging
import sys
import time

import ldb
from samba import dsdb, unix2nttime
from samba.auth import system_session
from samba.dcerpc import drsblobs, lsa, security
from samba.ndr import ndr_pack
from samba.param import LoadParm
from samba.provision import FILL_FULL, provision
from samba.samdb import SamDB


def make(directory, realm, password):
    provision(logging.getLogger(), system_session(), targetdir=directory, smbconf=f"{directory}/etc/smb.conf",
              lp=LoadParm(), realm=realm, domain=realm.split(".")[0], hostname="dc", hostip="127.0.0.1",
              serverrole="active directory domain controller", dns_backend="NONE", adminpass=password,
              skip_sysvolacl=True, base_schema="2008_R2", samdb_fill=FILL_FULL,
              dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2)


def secret_blob(secret):
    """The secret that two domains share, as trustAuthIncoming and trustAuthOutgoing have it (MS-ADTS 6.1.6.9.1)."""
    characters = list(secret.encode("utf-16-le"))
    clear = drsblobs.AuthInfoClear()
    clear.size, clear.password = len(characters), characters
    info = drsblobs.AuthenticationInformation()
    info.LastUpdateTime = unix2nttime(int(time.time()))
    info.AuthType, info.AuthInfo = lsa.TRUST_AUTH_TYPE_CLEAR, clear
    array = drsblobs.AuthenticationInformationArray()
    array.count, array.array = 1, [info]
    blob = drsblobs.trustAuthInOutBlob()
    blob.count, blob.current = 1, array
    return ndr_pack(blob)


def trust(sam, realm, sid, secret):
    values = {"objectClass": "trustedDomain", "trustType": str(lsa.LSA_TRUST_TYPE_UPLEVEL), "trustDirection": "3",
              "trustAttributes": str(lsa.LSA_TRUST_ATTRIBUTE_FOREST_TRANSITIVE), "trustPartner": realm.lower(),
              "flatName": realm.replace(".", ""), "securityIdentifier": ndr_pack(security.dom_sid(sid)),
              "trustAuthIncoming": secret_blob(secret), "trustAuthOutgoing": secret_blob(secret),
              "msDS-SupportedEncryptionTypes": "24"}
    entry = ldb.Message(ldb.Dn(sam, f"CN={realm.lower()},CN=System,{sam.domain_dn()}"))
    for name, value in values.items():
        entry[name] = ldb.MessageElement(value, ldb.FLAG_MOD_ADD, name)
    sam.add(entry, ["relax:0"])


def populate(sam, wanted):
    sam.set_pwdProperties("0")  # any password will do
    for user in wanted["users"]:
        sam.newuser(user["name"], user["password"])
        dn = f"CN={user['name']},CN=Users,{sam.domain_dn()}"
        values = {"msDS-SupportedEncryptionTypes": "24", **user.get("set", {})}
        lines = "".join(f"replace: {k}\n" + "".join(f"{k}: {v}\n" for v in (vs if isinstance(vs, list) else [vs])) + "-\n"
                        for k, vs in values.items())
        sam.modify_ldif(f"dn: {dn}\nchangetype: modify\n{lines}")
    for one in wanted["trusts"]:
        trust(sam, one["realm"], one["sid"], one["secret"])


directory, wanted = sys.argv[1], json.load(sys.stdin)
make(directory, wanted["realm"], wanted["password"])
conf = LoadParm()
conf.load(f"{directory}/etc/smb.conf")
populate(SamDB(url=f"{directory}/private/sam.ldb", session_info=system_session(), lp=conf), wanted)
