# ends.py: ends of GSS-API contexts in programs of several languages, driven by lines: a command and
# its words with tabs between them, tokens and messages in base64; the answer is "ok" or "failed"
# and its words. So any two of them can be brought together, each on the library of its make.
#
#   init MECH FLAGS TARGET BINDINGS   FLAGS in hexadecimal, as on the wire; BINDINGS may be empty
#   accept BINDINGS                   by any key of the keytab
#   step TOKEN                        TOKEN and whether the context is there, "1" or "0"
#   facts                             FLAGS CLIENT SERVICE DELEGATED
#   wrap CONF MESSAGE, unwrap TOKEN   TOKEN; CONF MESSAGE
#   mic MESSAGE, verify MESSAGE TOKEN TOKEN; nothing
#
# A program may know others besides (see it), and a language that lacks some of these says so.
import base64
import select
import subprocess
import time
from dataclasses import dataclass

DELEG, MUTUAL, REPLAY, SEQUENCE, CONF, INTEG = 1, 2, 4, 8, 16, 32
ALL = MUTUAL | REPLAY | SEQUENCE | CONF | INTEG
MESSAGES = (b"", b"a small message", bytes(range(256)) * 1024)  # the last is of 256 KiB


class Refused(Exception):
    """What an end said when it failed."""


@dataclass
class Facts:
    flags: int
    client: str
    service: str
    delegated: str


def encode(data):
    return base64.b64encode(data).decode()


class End:
    """A program that holds one context at a time."""

    def __init__(self, args, env, seconds=60):
        self.seconds = seconds
        self.process = subprocess.Popen([str(a) for a in args], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.unread = b""

    def line(self):
        """A line, or None when there is none to come."""
        deadline = time.monotonic() + self.seconds
        while b"\n" not in self.unread:
            ready = select.select([self.process.stdout], [], [], deadline - time.monotonic())[0]
            more = self.process.stdout.read(1 << 20) if ready else b""
            if not more:
                return None
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode(errors="replace")

    def ask(self, *words):
        """The words of an answer; Refused with the text of a failure."""
        self.process.stdin.write(("\t".join(words) + "\n").encode())
        said = []
        while (line := self.line()) is not None:
            kind, *rest = line.split("\t")
            if kind == "ok":
                return rest
            if kind == "failed":
                raise Refused("\n".join([*said, *rest]))
            said.append(line)  # what a library or the machine wrote besides
        raise AssertionError(f"no answer, status {self.process.poll()}: " + "\n".join(said))

    def init(self, target, mech="krb5", flags=ALL, bindings=""):
        self.ask("init", mech, f"{flags:x}", target, bindings)

    def accept(self, bindings=""):
        self.ask("accept", bindings)

    def step(self, token):
        out, done = self.ask("step", encode(token))
        return base64.b64decode(out), done == "1"

    def facts(self):
        flags, client, service, delegated = self.ask("facts")
        return Facts(int(flags, 16), client, service, delegated)

    def wrap(self, message, conf):
        return base64.b64decode(self.ask("wrap", str(int(conf)), encode(message))[0])

    def unwrap(self, token):
        conf, message = self.ask("unwrap", encode(token))
        return base64.b64decode(message), conf == "1"

    def mic(self, message):
        return base64.b64decode(self.ask("mic", encode(message))[0])

    def verify(self, message, token):
        self.ask("verify", encode(message), encode(token))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


def meet(initiator, acceptor, target, mech="krb5", flags=ALL, bindings=("", "")):
    """Establishes a context between two ends."""
    initiator.init(target, mech, flags, bindings[0])
    acceptor.accept(bindings[1])
    token, here, there = b"", False, False
    for _ in range(6):
        if not here:
            token, here = initiator.step(token)
        if token:
            token, there = acceptor.step(token)
        if here and there and not token:
            return
    raise AssertionError(f"the ends do not come to an end: {here}, {there}, {len(token)} bytes left")


def talk(one, other):
    """Messages of all sizes go both ways, wrapped with and without confidentiality, and with a MIC."""
    for sender, receiver in ((one, other), (other, one)):
        for message in MESSAGES:
            for conf in (True, False):
                assert receiver.unwrap(sender.wrap(message, conf)) == (message, conf)
            receiver.verify(message, sender.mic(message))


def refuses(end, call, *words):
    """The text with which an end refuses."""
    try:
        getattr(end, call)(*words)
    except Refused as refusal:
        return str(refusal)
    raise AssertionError(f"{call} should have been refused")
