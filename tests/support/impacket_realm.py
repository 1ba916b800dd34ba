# impacket_realm.py: a realm of ours that impacket can talk to.
from .obol import ObolRealm
from .realm import ENCTYPES


class ImpacketRealm(ObolRealm):
    more = ""  # of kdc.conf

    def create(self):
        """impacket 0.10 knows no enctype of RFC 8009, not even of a ticket that it need not open."""
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        text = conf.read_text().replace(" ".join(ENCTYPES), "aes256-cts-hmac-sha1-96")
        conf.write_text(text.replace("allow_weak_crypto = true", "allow_weak_crypto = false" + self.more))
        self.rekey(f"krbtgt/{self.name}")
