# test_compat_nfs.py: Debian's NFS daemons, unchanged, on our library, without a kernel that does NFS. What the
# kernel would be is ours: rpc.gssd's pipes are a directory with a terminal in it, rpc.svcgssd's channels are
# elsewhere, and the other end of the context is tests/support/rpcsec.py. Every symbol is bound at the start.
import json
import os
import pty
import select
import socket
import struct
import subprocess
import tempfile
import tty

import pytest

from support.process import ROOT, free_port, run
from support.realm import PASSWORD
from support.service import LIBRARIES, Keytab, Service, krb5_conf

# Whose KDC, which library the one that begins has, which the other.
CASES = [("mit", "obol", "obol"), ("obol", "obol", "obol"), ("obol", "obol", "mit"), ("mit", "mit", "obol")]
BETWEEN = pytest.mark.parametrize("kdc, near, far", CASES, ids=["-".join(case) for case in CASES])
HOST = socket.getnameinfo(("127.0.0.1", 0), socket.NI_NAMEREQD)[0]
MACHINE = "root/machine.obol.test"
UPCALL = "mech=krb5 uid=0 service=* enctypes="


class Daemon(Service):
    """A daemon that talks to the kernel through a terminal, which changes nothing of what is said."""

    def __init__(self, library, realm):
        super().__init__(library, [realm])
        self.write("krb5.conf", krb5_conf([realm]) + f"[domain_realm]\n    {HOST} = {realm.name}\n")
        self.kernel, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.pipe = os.ttyname(self.slave)
        os.chmod(self.pipe, 0o666)

    def tell(self, line):
        os.write(self.kernel, line.encode() + b"\n")

    def hear(self, fd=None):
        fd = fd or self.kernel
        assert select.select([fd], [], [], 30)[0], self.log()
        return os.read(fd, 1 << 16)

    def __exit__(self, *args):
        super().__exit__(*args)
        os.close(self.kernel)
        os.close(self.slave)


class Context:
    """A context as the kernel gets it: flags, end, sequence number, enctype, key, in the machine's order."""

    def __init__(self, data):
        self.flags, self.end, self.sequence, self.enctype = struct.unpack_from("=IIQI", data)
        self.key = data[20:].hex()


class Gssd(Daemon):
    def begin(self, port):
        for name in ("caches", "pipefs", "pipefs/nfs", "pipefs/nfs/clnt0"):
            self.folder(name)
        self.write("pipefs/nfs/clnt0/info", f"RPC server: {HOST}\nservice: nfs (100003) version 4\n"
                   f"address: 127.0.0.1\nprotocol: tcp\nport: {port}\n")
        (self.dir / "pipefs" / "nfs" / "clnt0" / "gssd").symlink_to(self.pipe)
        self.start(["/usr/sbin/rpc.gssd", "-f", "-vvv", "-p", self.dir / "pipefs", "-d", self.dir / "caches",
                    "-k", self.keytab], None, LD_BIND_NOW="1")

    def upcall(self, line):
        """{what gssd answers}: the context, or the error."""
        self.tell(line)
        data = self.hear()
        uid, _, window = struct.unpack_from("=III", data)
        if window == 0:
            return {"uid": uid, "error": struct.unpack_from("=i", data, 12)[0]}
        at, parts = 12, []
        while at < len(data):
            length = struct.unpack_from("=I", data, at)[0]
            parts.append(data[at + 4:at + 4 + length])
            at += 4 + length
        handle, context, acceptor = parts
        return {"uid": uid, "window": window, "handle": handle, "context": Context(context), "acceptor": acceptor}


class Svcgssd(Daemon):
    def begin(self, redirect):
        channel = self.dir / "context"
        os.mkfifo(channel)
        self.own(channel)
        self.downcalls = os.open(channel, os.O_RDWR)
        self.start(["/usr/sbin/rpc.svcgssd", "-f", "-vvv", "-n"], None, LD_BIND_NOW="1", LD_PRELOAD=str(redirect),
                   INIT_CHANNEL=self.pipe, CONTEXT_CHANNEL=str(channel))

    def take(self, token):
        """{what svcgssd answers to a client's first token}"""
        self.tell(f"\\x \\x{token}")
        words = self.hear().decode().split()
        return {"major": int(words[3]), "minor": int(words[4]), "token": words[6].removeprefix("\\x")}

    def context(self):
        words = self.hear(self.downcalls).decode().split()
        return Context(bytes.fromhex(words[words.index("krb5") + 1].removeprefix("\\x")))

    def __exit__(self, *args):
        os.close(self.downcalls)
        super().__exit__(*args)


def peer(service, *words):
    """rpcsec.py on the library and with the keys of a service."""
    return subprocess.Popen(service.command(["/usr/bin/python3", str(service.dir / "rpcsec.py"), *words]),
                            env=service.env(KRB5CCNAME=f"FILE:{service.dir}/cc"), text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def peer_service(library, realm):
    service = Daemon(library, realm)
    service.write("rpcsec.py", (ROOT / "tests" / "support" / "rpcsec.py").read_text())
    return service


@pytest.fixture(scope="module")
def registered(realms):
    """registered(kdc) is a realm in which the NFS service and the machine have keys."""
    done = {}

    def realm(kdc):
        if kdc not in done:
            done[kdc] = realms(kdc)
            done[kdc].add_service(f"nfs/{HOST}")
            if kdc == "obol":
                # The terminal that stands for the kernel takes lines of 4 kB, which a ticket with a PAC exceeds.
                done[kdc].admin("principal", "set", f"nfs/{HOST}", "--no-pac")
            done[kdc].add_service(MACHINE)
        return done[kdc]
    return realm


@pytest.fixture(scope="module")
def redirect():
    # Where a server that is not root can load it.
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        path = f"{directory}/redirect.so"
        run(["gcc", "-Wall", "-Werror", "-shared", "-fPIC", "-o", path, ROOT / "tests" / "support" / "redirect.c"]).ok()
        yield path


@BETWEEN
def test_gssd_gives_the_kernel_a_context_of_the_machines(registered, judged, kdc, near, far):
    realm = registered(kdc)
    with Gssd(near, realm) as gssd, peer_service(far, realm) as server:
        gssd.take_keys(MACHINE)
        server.take_keys(f"nfs/{HOST}")
        port = free_port()
        with peer(server, "serve", str(port)) as kernel:
            assert json.loads(kernel.stdout.readline()) == {"ready": True}
            gssd.begin(port)
            got = gssd.upcall(UPCALL + "17,18")
            assert got.get("window") == 128, (got, gssd.log())
            said = json.loads(kernel.communicate()[0])
        assert said == {"client": realm.principal(MACHINE), "key": got["context"].key}
        assert got["handle"] == b"handle" and got["acceptor"].rstrip(b"\0") == f"nfs@{HOST}".encode()
        # The service has a key of 20, and the kernel knows 17 and 18: the ticket's session key is one of these.
        assert got["context"].enctype in (17, 18) and got["context"].flags & 1 == 1
        assert os.listdir(gssd.dir / "caches") == [f"krb5ccmachine_{realm.name}"]
        gssd.logged("Success getting keytab entry for root/*@" + realm.name)
    judged("rpc.gssd 2.6", f"gssd on {near}, server on {far}, {kdc}'s KDC", "krb5", "mutual, lucid context",
           f"machine's context, enctype {got['context'].enctype}")


def test_the_kernels_enctypes_are_held_to(registered):
    realm = registered("obol")
    with Gssd("obol", realm) as gssd, peer_service("obol", realm) as server:
        gssd.take_keys(MACHINE)
        server.take_keys(f"nfs/{HOST}")
        port = free_port()
        gssd.begin(port)
        for enctype in (17, 20):
            with peer(server, "serve", str(port)) as kernel:
                kernel.stdout.readline()
                assert gssd.upcall(f"{UPCALL}{enctype}")["context"].enctype == enctype
                kernel.communicate()


def test_gssd_without_a_key_tells_the_kernel_and_says_why(registered, judged):
    realm = registered("obol")
    with Gssd("obol", realm) as gssd:
        gssd.take_keys(MACHINE)
        gssd.begin(free_port())
        with Keytab(gssd, "other keys"):
            refused = gssd.upcall(UPCALL + "18")
        assert refused["error"] < 0 and os.listdir(gssd.dir / "caches") == []
        gssd.logged(f"does not take the key of {realm.principal(MACHINE)}, kvno 1, from")
        gssd.logged("extract the keytab again, obol keytab create")
        with Keytab(gssd, "missing"):
            assert gssd.upcall(UPCALL + "18")["error"] < 0
        gssd.logged(f"there is no keytab: {gssd.keytab}")
    judged("rpc.gssd 2.6", "gssd on obol", "krb5", "another key", "the KDC ... does not take the key of root/machine")


def first_token(client, session):
    """alice at rpcsec.py, with a ticket whose session key is of that enctype."""
    conf = (client.dir / "krb5.conf").read_text()
    client.write("krb5.conf", conf.replace("[realms]", f"    permitted_enctypes = {session}\n[realms]"))
    client.run(["kinit", "alice"], PASSWORD + "\n", KRB5CCNAME=f"FILE:{client.dir}/cc").ok()
    alice = peer(client, "initiate", f"nfs@{HOST}")
    return alice, alice.stdout.readline().strip()


@BETWEEN
def test_svcgssd_gives_the_kernel_the_clients_context(registered, redirect, judged, kdc, near, far):
    realm = registered(kdc)
    with peer_service(near, realm) as client, Svcgssd(far, realm) as svcgssd:
        svcgssd.take_keys(f"nfs/{HOST}")
        svcgssd.begin(redirect)
        alice, token = first_token(client, "aes256-cts-hmac-sha1-96")
        with alice:
            answer = svcgssd.take(token)
            assert answer["major"] == 0, (answer, svcgssd.log())
            said = json.loads(alice.communicate(answer["token"] + "\n")[0])
        context = svcgssd.context()
        assert said == {"complete": True, "key": context.key}
    judged("rpc.svcgssd 2.6", f"client on {near}, svcgssd on {far}, {kdc}'s KDC", "krb5",
           "mutual, lucid context", f"alice's context, enctype {context.enctype}")


@pytest.mark.parametrize("library", LIBRARIES)
def test_svcgssd_takes_no_enctype_that_the_kernel_lacks(registered, redirect, library):
    realm = registered("obol")
    with peer_service("obol", realm) as client, Svcgssd(library, realm) as svcgssd:
        svcgssd.take_keys(f"nfs/{HOST}")
        svcgssd.begin(redirect)
        alice, token = first_token(client, "aes256-cts-hmac-sha384-192")
        with alice:
            assert svcgssd.take(token)["major"] != 0
            alice.communicate("\n")
        if library == "obol":
            svcgssd.logged("the client's session key is of aes256-cts-hmac-sha384-192, which this service does not allow")
            svcgssd.logged("Give the service keys of enctypes that it allows")


def test_svcgssd_with_another_key_tells_the_client_and_says_why(registered, redirect, judged):
    realm = registered("obol")
    with peer_service("obol", realm) as client, Svcgssd("obol", realm) as svcgssd:
        svcgssd.take_keys(f"nfs/{HOST}")
        svcgssd.begin(redirect)
        alice, token = first_token(client, "aes256-cts-hmac-sha1-96")
        with alice:
            with Keytab(svcgssd, "other keys"):
                answer = svcgssd.take(token)
            assert answer["major"] != 0
            alice.communicate("\n")
        svcgssd.logged(f"the ticket for nfs/{HOST}@OBOL.TEST (enctype 20, kvno 1) opens with none of the")
        svcgssd.logged("The keytab's key is not the one in the KDC: extract the keytab again.")
    judged("rpc.svcgssd 2.6", "svcgssd on obol", "krb5", "another key", "the ticket ... opens with none of the keys")
