# test_compat_kerberos.py: Debian's python3-kerberos, unchanged, on our library: a client and a service log
# in with tokens, passwords are checked and changed.
import json

import pytest

from support.compat import on_ours
from support.realm import PASSWORD

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])

CHECK = """
import kerberos, sys
try:
    print(kerberos.checkPassword("alice", sys.stdin.readline().rstrip(), "HTTP/localhost", sys.argv[1]))
except kerberos.BasicAuthError as error:
    print("refused:", error)
"""

HANDSHAKE = """
import base64, json, kerberos, sys
MUTUAL = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG
mech = {"krb5": kerberos.GSS_MECH_OID_KRB5, "spnego": kerberos.GSS_MECH_OID_SPNEGO}[sys.argv[1]]
client = kerberos.authGSSClientInit("HTTP@localhost", gssflags=MUTUAL, mech_oid=mech)[1]
server = kerberos.authGSSServerInit("HTTP@localhost")[1]
steps, token = 0, ""
while True:
    done = kerberos.authGSSClientStep(client, token)
    steps += 1
    token = kerberos.authGSSClientResponse(client)
    if not token:
        break
    kerberos.authGSSServerStep(server, token)
    token = kerberos.authGSSServerResponse(server)
    if done == kerberos.AUTH_GSS_COMPLETE or not token:
        break
secret = base64.b64encode(b"a secret").decode()
kerberos.authGSSClientWrap(client, secret)
wrapped = kerberos.authGSSClientResponse(client)
print(json.dumps({"client": kerberos.authGSSClientUserName(client), "wrapped": len(base64.b64decode(wrapped)),
                  "server sees": kerberos.authGSSServerUserName(server), "steps": steps}))
kerberos.authGSSClientClean(client)
kerberos.authGSSServerClean(server)
"""


@KDCS
@pytest.mark.parametrize("mech", ["krb5", "spnego"])
def test_a_client_and_a_service_log_in(realms, client, kdc, mech, judged):
    user = client("mit", kdc)
    user.login("alice").ok()
    env = on_ours({"KRB5_KTNAME": str(realms(kdc).dir / "http.keytab")})
    seen = json.loads(user.run(["python3", "-c", HANDSHAKE, mech], env=env).ok().out)
    assert seen["client"] == seen["server sees"] == f"alice@{realms(kdc).name}"
    assert seen["wrapped"] > len(b"a secret")
    judged("python3-kerberos", f"both ends on ours, {kdc}'s KDC", mech, "mutual", seen["server sees"])


@KDCS
def test_without_tickets_it_says_what_to_do(realms, client, kdc):
    user = client("mit", kdc)
    env = on_ours({"KRB5_KTNAME": str(realms(kdc).dir / "http.keytab")})
    failed = user.run(["python3", "-c", HANDSHAKE, "krb5"], env=env).failed()
    assert "Log in first" in failed.err


@KDCS
def test_passwords_are_checked(realms, client, kdc, judged):
    user = client("mit", kdc)
    env = on_ours({"KRB5_KTNAME": str(realms(kdc).dir / "http.keytab")})

    def asked(password):
        return user.run(["python3", "-c", CHECK, realms(kdc).name], input=password + "\n", env=env).ok()
    right, wrong = asked(PASSWORD), asked("not the password")
    assert right.out.strip() == "True", right
    assert wrong.out.startswith("refused:"), wrong
    judged("python3-kerberos checkPassword", f"client, {kdc}'s KDC", "krb5", "", right.out)
