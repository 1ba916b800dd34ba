# samba_krb5.py: runs Samba's own tests of Kerberos KDCs (samba.tests.krb5 of Debian's python3-samba), unchanged, against a
# realm of ours. They make their accounts in Active Directory by LDAP and read keys by replication; here those few methods
# make them with the program obol instead. It has a process of its own: Samba's module changes pyasn1 for everybody in it.
#
#   samba_krb5.py < {"realm", "port", "sid", "obol": [...], "home", "directory", "user", "password", "krbtgt": {"kvno", "keys"},
#                    "tests": {FILE: [METHOD] or "list"}}
#
# One line of JSON a test: FILE, METHOD, and why it failed or null; "list" runs none.
import importlib
import itertools
import json
import os
import subprocess
import sys
import types
import unittest

import ldb
import samba

ASKED = json.load(sys.stdin)
REALM = ASKED["realm"]
DOMAIN = REALM.split(".")[0]
# Samba's names of enctypes are bits (MS-KILE 2.2.7), in the order in which a KDC prefers them.
RC4, AES128, AES256, AES256_SESSIONS = 0x4, 0x8, 0x10, 0x20
ENCTYPES = {AES256: "aes256-cts-hmac-sha1-96", AES128: "aes128-cts-hmac-sha1-96", RC4: "rc4-hmac"}

os.environ.update(
    SERVER="127.0.0.1", DC_SERVER="127.0.0.1", REALM=REALM, DOMAIN=DOMAIN, SMB_CONF_PATH=f"{ASKED['directory']}/smb.conf",
    # Samba's own runs say the same of MIT's KDC and of theirs, but for the switches that ours has on.
    STRICT_CHECKING="0", FAST_SUPPORT="1", TKT_SIG_SUPPORT="1", FULL_SIG_SUPPORT="1", EXPECT_PAC="1",
    EXPECT_EXTRA_PAC_BUFFERS="1", CHECK_CNAME="1", CHECK_PADATA="0", KADMIN_IS_TGS="0",
    USERNAME=ASKED["user"], PASSWORD=ASKED["password"], FOR_USER=ASKED["user"], DEFAULT_ETYPES=str(RC4 | AES128 | AES256),
    KRBTGT_TGS_SUPPORTED_ENCTYPES=str(RC4 | AES128 | AES256), KRBTGT_KVNO=str(ASKED["krbtgt"]["kvno"]),
    **{f"KRBTGT_{name}_KEY_HEX": key for name, key in ASKED["krbtgt"]["keys"].items()})
with open(os.environ["SMB_CONF_PATH"], "w") as conf:
    conf.write(f"[global]\nrealm = {REALM}\nworkgroup = {DOMAIN}\nprivate dir = {ASKED['directory']}\n"
               f"lock dir = {ASKED['directory']}\n")

from samba.dsdb import UF_NO_AUTH_DATA_REQUIRED, UF_NOT_DELEGATED, UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION  # noqa: E402
from samba.tests.krb5 import kdc_base_test, kcrypto, raw_testcase  # noqa: E402

GROUP_OF_PROTECTED_USERS = f"<SID={ASKED['sid']}-525>"


def obol(*words, input=""):
    done = subprocess.run([*ASKED["obol"], *words, "--home", ASKED["home"]], input=input, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"obol {' '.join(words)}: {done.stderr}")
    return done.stdout


def kadmin(request):
    """MIT's face of the same program."""
    face = f"{ASKED['directory']}/kadmin.local"
    if not os.path.exists(face):
        os.symlink(ASKED["obol"][0], face)
    done = subprocess.run([face, "-d", ASKED["home"], "-q", request], text=True, capture_output=True)
    if done.returncode or "rename_principal:" in done.stderr:
        raise RuntimeError(f"kadmin.local {request}: {done.stderr}")


class NotInARealm(Exception):
    """What only a directory has."""


class Directory(samba.Ldb):
    """What the tests ask of the domain's LDAP server, as far as a realm knows it."""
    def domain_dns_name(self):
        return REALM.lower()

    def domain_netbios_name(self):
        return DOMAIN

    def host_dns_name(self):
        return f"dc.{REALM.lower()}"

    def get_domain_sid(self):
        return ASKED["sid"]

    def no_directory(self, *words, **named):
        raise NotInARealm(f"LDAP: {words} {named}")

    search = add = delete = no_directory

    def modify(self, change):
        """Of changes there is one that a realm knows, and None, which the stand-ins below answer with."""
        if change is not None:
            if set(change.keys()) - {"dn"} != {"sAMAccountName"}:
                raise NotInARealm(f"LDAP: {change}")
            kadmin(f"rename_principal -force {change.dn.get_rdn_value()} {change['sAMAccountName']}")


class Accounts:
    """These stand in place of KDCBaseTest's methods that need LDAP, SAMR or replication."""
    directory = Directory()
    numbers = itertools.count()
    made = set()

    def get_samdb(self):
        return self.directory

    def get_domain_functional_level(self, _samdb):
        return kdc_base_test.DS_DOMAIN_FUNCTION_2008

    def get_new_username(self):
        return f"s{os.getpid():x}n{next(self.numbers)}"  # files are run one after the other in one realm

    def get_security_descriptor(self, dn):
        return ldb.Dn(self.directory, dn).get_rdn_value()

    def get_objectSid(self, _samdb, dn):
        shown = json.loads(obol("principal", "show", "--json", ldb.Dn(self.directory, str(dn)).get_rdn_value()))
        return f"{ASKED['sid']}-{1000 + shown['id']}"

    def get_keys(self, _samdb, dn, expected_etypes=None):
        return None

    # A domain controller that is read-only (RODC) and may have an account's keys says nothing to a realm, which has
    # none; where its own key is asked for, the test is not for a realm.
    def get_mock_rodc_ctx(self):
        return types.SimpleNamespace(acct_dn="CN=rodc")

    def reveal_account_to_mock_rodc(self, dn):
        pass

    def check_revealed(self, dn, rodc_dn, revealed=True):
        pass

    def get_mock_rodc_krbtgt_creds(self, **_):
        raise NotInARealm("RODC")

    get_rodc_krbtgt_creds = get_rodc_samdb = get_mock_rodc_krbtgt_creds

    def add_to_group(self, account_dn, group_dn, group_attr, expect_attr=True):
        if group_attr in ("msDS-RevealOnDemandGroup", "msDS-NeverRevealGroup"):
            return
        if group_dn.extended_str() != GROUP_OF_PROTECTED_USERS:
            raise NotInARealm(f"group {group_dn}")
        obol("principal", "set", "--protected", ldb.Dn(self.directory, str(account_dn)).get_rdn_value())

    def create_account(self, samdb, name, account_type=None, spn=None, upn=None, additional_details=None, ou=None,
                       account_control=0, add_dollar=True, expired_password=False, force_nt4_hash=False):
        user = account_type in (None, self.AccountType.USER)
        account = name if user or not add_dollar else f"{name}$"
        details = dict(additional_details or {})
        bits = int(details.pop("msDS-SupportedEncryptionTypes", RC4 | AES128 | AES256))
        password = f"Password of {account}, 1"
        words = ["principal", "add", "--password-stdin", account]
        for bit, enctype in ENCTYPES.items():
            if bits & bit:
                words += ["-e", enctype]
        if bits & AES256_SESSIONS and not bits & AES256:
            words += ["--attribute", f"session_enctypes={ENCTYPES[AES256]} {ENCTYPES[RC4]}"]
        if not user:
            words += ["--clear", "no-server"]
        if expired_password:
            words += ["--set", "needs-change"]
        if account in self.made:
            obol("principal", "delete", account)
        self.made.add(account)
        obol(*words, input=f"{password}\n")
        more = []
        more += ["--no-pac"] if account_control & UF_NO_AUTH_DATA_REQUIRED else []
        more += ["--not-delegated"] if account_control & UF_NOT_DELEGATED else []
        more += ["--trusted-to-authenticate"] if account_control & UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION else []
        for name_of, option in (("msDS-AllowedToDelegateTo", "--delegate-to"),
                                ("msDS-AllowedToActOnBehalfOfOtherIdentity", "--delegate-from")):
            if name_of in details:
                named = details.pop(name_of)
                for one in [named] if isinstance(named, str) else named:
                    more += [option, one]
                    if option == "--delegate-to" and one not in self.made:
                        self.made.add(one)
                        obol("principal", "add", "--service", one)  # AD's lists hold names of nobody; here there must be one
        if details:
            raise NotInARealm(f"attributes {sorted(details)}")
        spns = [spn] if isinstance(spn, str) else list(spn or [])
        spns = [s.format(account=account) for s in spns]
        for one in spns:
            more += ["--alias", one]
            self.made.add(one)
        if upn:
            upn = upn.format(account=account)
            if upn.split("@")[0] != account:
                more += ["--alias", upn.split("@")[0]]
        if more:
            obol("principal", "set", account, *more)

        creds = raw_testcase.KerberosCredentials()
        creds.guess(self.get_lp())
        creds.set_realm(REALM)
        creds.set_domain(DOMAIN)
        creds.set_username(account)
        creds.set_password(password)
        creds.set_workstation("" if user else name)
        creds.set_secure_channel_type(kdc_base_test.SEC_CHAN_NULL if user else kdc_base_test.SEC_CHAN_WKSTA)
        creds.set_dn(ldb.Dn(self.directory, f"CN={account},DC={DOMAIN}"))
        creds.set_upn(upn)
        creds.set_spn(spns[0] if isinstance(spn, str) else tuple(spns) or None)
        creds.set_kvno(1)
        creds.set_forced_salt((REALM + account).encode())
        for set_enctypes in (creds.set_as_supported_enctypes, creds.set_tgs_supported_enctypes,
                             creds.set_ap_supported_enctypes):
            set_enctypes(bits)
        return creds, str(creds.get_dn())


def connect_here(self, host, port=None):
    connect(self, host, ASKED["port"])


def check_rep_padata(self, exchange, callbacks, padata, error_code):
    """Our KDC offers the encrypted timestamp in armor too: Heimdal 7.8's kinit has nothing else there."""
    if self.sent_fast(exchange):
        padata = [pa for pa in padata if pa["padata-type"] != raw_testcase.PADATA_ENC_TIMESTAMP]
    return check_padata(self, exchange, callbacks, padata, error_code)


check_padata = raw_testcase.RawKerberosTest.check_rep_padata
raw_testcase.RawKerberosTest.check_rep_padata = check_rep_padata
connect = raw_testcase.RawKerberosTest._connect_tcp
raw_testcase.RawKerberosTest._connect_tcp = connect_here
for method, does in vars(Accounts).items():
    if not method.startswith("__"):
        setattr(kdc_base_test.KDCBaseTest, method, does)


class Lines(unittest.TestResult):
    """A line of JSON for each test, as soon as it is over."""
    def startTest(self, test):
        super().startTest(test)
        self.why = None

    def addFailure(self, test, error):
        self.why = f"{error[0].__name__}: {error[1]}".strip()

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error is not None and self.why is None:
            self.addFailure(test, (error[0], f"{subtest.params}: {error[1]}"))

    def addSkip(self, test, reason):
        self.why = f"skipped: {reason}"

    def stopTest(self, test):
        print(json.dumps([FILE, test._testMethodName, self.why]), flush=True)


for FILE, methods in ASKED["tests"].items():
    module = importlib.import_module(f"samba.tests.krb5.{FILE}")
    for kind in [k for k in vars(module).values() if isinstance(k, type) and k.__module__ == module.__name__]:
        if issubclass(kind, unittest.TestCase):
            names = unittest.defaultTestLoader.getTestCaseNames(kind)
            if methods == "list":
                print(*(json.dumps([FILE, name, None]) for name in names), sep="\n")
            else:
                unittest.TestSuite(kind(name) for name in names if name in methods).run(Lines())
