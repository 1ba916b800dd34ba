# minikerberos_login.py: a login by certificate with minikerberos, as its program does it: signed over SHA-1, the key
# agreed upon in a MODP group of RFC 3526 and derived as RFC 4556 says. Run by tests with its packages in PYTHONPATH:
# minikerberos_login.py HOST:PORT REALM USER BITS PKCS12
import asyncio
import sys
import types

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs12

# oscrypto, which minikerberos signs with, does not know the version of Debian's OpenSSL: the same from another maker.
keys, asymmetric, oscrypto = (types.ModuleType(f"oscrypto{name}") for name in (".keys", ".asymmetric", ""))


def parse_pkcs12(data, password):
    from asn1crypto import x509
    key, certificate, _ = pkcs12.load_key_and_certificates(data, password)
    der = certificate.public_bytes(serialization.Encoding.DER)
    return key, x509.Certificate.load(der), []


keys.parse_pkcs12 = parse_pkcs12
asymmetric.load_private_key = lambda key: key
asymmetric.rsa_pkcs1v15_sign = lambda key, data, _: key.sign(data, padding.PKCS1v15(), hashes.SHA1())
sys.modules.update({"oscrypto": oscrypto, "oscrypto.keys": keys, "oscrypto.asymmetric": asymmetric})

from minikerberos import aioclient  # noqa: E402
from minikerberos.common.creds import KerberosCredential  # noqa: E402
from minikerberos.common.spn import KerberosSPN  # noqa: E402
from minikerberos.common.target import KerberosTarget  # noqa: E402
from minikerberos.protocol.dirtydh import DirtyDH  # noqa: E402



def pi(bits):
    """floor(2^bits * pi), by Machin's formula."""
    def arctan(x):
        term = total = (1 << bits + 64) // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total
    return (16 * arctan(5) - 4 * arctan(239)) >> 64


def prime(n):
    """The prime of RFC 3526 of so many bits, from its definition."""
    return (1 << n) - (1 << n - 64) - 1 + (1 << 64) * (pi(n - 130) + {2048: 124476, 4096: 240904, 8192: 4743158}[n])


class Group(DirtyDH):
    def exchange(self, public):
        """As long as the prime (RFC 4556 3.2.3.1), also where it begins with zeros. What it gives as the KDC's
        number begins with the header of the INTEGER, if the number has more than 1024 bits."""
        bits = self.p.bit_length()
        return pow(public % (1 << bits), self.private_key_int, self.p).to_bytes(bits // 8, "big")


class Reply(aioclient.PA_PK_AS_REP):
    """It takes a serverDHNonce for granted, which RFC 4556 has only where a KDC uses its keys again."""
    @property
    def native(self):
        return {**super().native, "serverDHNonce": b""}


async def main(place, realm, user, bits, box):
    group = Group()
    group.p, group.g, group.dh_nonce = prime(int(bits)), 2, b""
    aioclient.PA_PK_AS_REP = Reply
    credential = KerberosCredential.from_pfx_file(box, "", dhparams=group, username=user, domain=realm)
    host, port = place.split(":")
    client = aioclient.AIOKerberosClient(credential, KerberosTarget(host, port=int(port)))
    await client.get_TGT(with_pac=True)
    _, part, _ = await client.get_TGS(KerberosSPN.from_spn(f"HTTP/localhost@{realm}"))
    print("ticket for", "/".join(part["sname"]["name-string"]))


asyncio.run(main(*sys.argv[1:]))
