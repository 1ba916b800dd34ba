# test_compat_java.py: Java's JGSS, unchanged: told of a native library, it runs on ours as initiator and
# as acceptor; Java's own Kerberos is the other end.
from contextlib import contextmanager

import pytest

from support import ends
from support.compat import directory
from support.java import JavaEnd, compile_ends
from support.mit import MitClient
from support.process import base_env
from support.realm import ENCTYPES

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
MECHS = pytest.mark.parametrize("mech", ["krb5", "spnego"])
ROLES = pytest.mark.parametrize("role", ["initiator", "acceptor"])
AES = [name for name in ENCTYPES if name.startswith("aes")]
FLAGS = {
    "one-way": 0,
    "mutual": ends.MUTUAL,
    "mutual, integrity": ends.MUTUAL | ends.INTEG,
    "mutual, confidentiality": ends.MUTUAL | ends.CONF | ends.INTEG,
    "mutual, replay": ends.MUTUAL | ends.REPLAY,
    "mutual, replay, sequence": ends.MUTUAL | ends.REPLAY | ends.SEQUENCE,
    "all": ends.ALL,
    "all, delegation": ends.ALL | ends.DELEG,
}


class Bed:
    """Java's two ends in a realm: `ours` on our library, `java` with Kerberos of its own."""

    def __init__(self, realm, user, classes, java):
        self.realm, self.user, self.java = realm, user, java
        self.keytab = user.dir / "services.keytab"
        realm.keytab("HTTP/localhost", self.keytab)
        for enctype in AES:
            realm.keytab(realm.service_of(enctype), self.keytab)
            if realm.kind == "mit":  # MIT's KDC takes it that each service knows aes256-sha1
                realm.admin("setstr", realm.service_of(enctype), "session_enctypes", enctype)
        self.ours = JavaEnd(classes, {**user.env(), "KRB5_KTNAME": str(self.keytab)},
                            f"{directory()}/libgssapi_krb5.so.2")

    def ends(self, role):
        """(initiator, acceptor), ours in this role; Java's own has logged in for its own."""
        source = f"keytab={self.keytab}" if role == "initiator" else f"cache={self.user.cache}"
        self.java.login(self.user.conf, source)
        return (self.ours, self.java) if role == "initiator" else (self.java, self.ours)

    def meet(self, role, target="HTTP@localhost", **options):
        initiator, acceptor = self.ends(role)
        ends.meet(initiator, acceptor, target, **options)
        return initiator, acceptor


@pytest.fixture(scope="session")
def beds(realms, tmp_path_factory):
    made = {}
    classes = compile_ends(tmp_path_factory.mktemp("java-ends"))

    def bed(kdc):
        if "java" not in made:
            made["java"] = JavaEnd(classes, base_env())
        if kdc not in made:
            user = MitClient(realms(kdc), tmp_path_factory.mktemp("java"))
            user.login("alice").ok()
            made[kdc] = Bed(realms(kdc), user, classes, made["java"])
        return made[kdc]
    yield bed
    for one in made.values():
        (one.ours if isinstance(one, Bed) else one).stop()


@contextmanager
def replaced(path, other=None):
    """A file is not there for a while, or another one is."""
    saved = path.with_name(path.name + ".saved")
    path.rename(saved)
    if other:
        path.write_bytes(other.read_bytes())
    try:
        yield
    finally:
        saved.replace(path)


@KDCS
@MECHS
@ROLES
@pytest.mark.parametrize("enctype", AES)
def test_every_enctype(beds, kdc, mech, role, enctype, judged):
    bed = beds(kdc)
    initiator, acceptor = bed.meet(role, f"host@{enctype}.obol.test", mech=mech)
    service = bed.realm.principal(bed.realm.service_of(enctype))
    assert initiator.facts().client == acceptor.facts().client == bed.realm.principal("alice")
    assert acceptor.facts().service == service
    if role == "initiator":
        assert bed.user.session_enctypes()[service] == enctype
    ends.talk(initiator, acceptor)
    judged("Java JGSS", f"{role}, {kdc}'s KDC", mech, "all", "messages of 0 B to 256 KiB both ways")


@MECHS
@ROLES
@pytest.mark.parametrize("flags", list(FLAGS))
def test_every_flag(beds, mech, role, flags, judged):
    bed, asked = beds("obol"), FLAGS[flags]
    initiator, acceptor = bed.meet(role, mech=mech, flags=asked)
    there = acceptor.facts()
    for facts in (initiator.facts(), there):
        assert facts.flags & asked == asked, facts
        # What was not asked for is not there; confidentiality and integrity are with every context of ours.
        assert facts.flags & ~asked & (ends.MUTUAL | ends.DELEG) == 0, facts
    assert there.delegated == (bed.realm.principal("alice") if asked & ends.DELEG else ""), there
    conf = bool(asked & ends.CONF)
    assert acceptor.unwrap(initiator.wrap(b"to the service", conf)) == (b"to the service", conf)
    judged("Java JGSS", role, mech, flags, "flags as asked")


@MECHS
@ROLES
def test_channel_bindings(beds, mech, role):
    bed = beds("obol")
    bed.meet(role, mech=mech, bindings=("a channel", "a channel"))
    with pytest.raises(ends.Refused):
        bed.meet(role, mech=mech, bindings=("a channel", "another channel"))


@MECHS
@ROLES
def test_altered_replayed_and_disordered_messages_are_refused(beds, mech, role):
    """What Java's own end makes is checked by ours, and the reverse."""
    bed = beds("obol")
    for sender, receiver in ((0, 1), (1, 0)):
        both = bed.meet(role, mech=mech)
        sender, receiver = both[sender], both[receiver]
        first, second, third = (sender.wrap(text, True) for text in (b"one", b"two", b"three"))
        altered = bytearray(second)
        altered[-1] ^= 1
        ends.refuses(receiver, "unwrap", bytes(altered))
        assert receiver.unwrap(first)[0] == b"one"
        ends.refuses(receiver, "unwrap", first)
        mic = sender.mic(b"a message")
        ends.refuses(receiver, "verify", b"another message", mic)
        assert second and third


@ROLES
def test_a_replayed_login_is_refused(beds, role):
    """By the acceptor's replay cache, ours and Java's. Java does not tell what a native acceptor says."""
    initiator, acceptor = beds("obol").ends(role)
    initiator.init("HTTP@localhost")
    token = initiator.step(b"")[0]
    acceptor.accept()
    acceptor.step(token)
    acceptor.accept()
    ends.refuses(acceptor, "step", token)


@KDCS
def test_errors_say_what_failed_and_what_to_do(beds, kdc):
    bed = beds(kdc)
    initiator = bed.ends("initiator")[0]
    initiator.init("HTTP@nowhere.obol.test")
    text = ends.refuses(initiator, "step", b"")
    assert f"HTTP/nowhere.obol.test@{bed.realm.name}" in text and "cache" in text, text
    with replaced(bed.user.cache):
        initiator.init("HTTP@localhost")
        text = ends.refuses(initiator, "step", b"")
    assert str(bed.user.cache) in text and "obol login" in text, text


@KDCS
@MECHS
def test_a_service_without_the_key_refuses(beds, kdc, mech):
    bed = beds(kdc)
    initiator, acceptor = bed.ends("acceptor")
    with replaced(bed.keytab, bed.realm.dir / "alice.keytab"):
        initiator.init("HTTP@localhost", mech)
        token = initiator.step(b"")[0]
        acceptor.accept()
        ends.refuses(acceptor, "step", token)
    initiator.init("HTTP@localhost", mech)
    acceptor.accept()
    acceptor.step(initiator.step(b"")[0])
