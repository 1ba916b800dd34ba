#!/usr/bin/python3
# demo.py: the tutorial's login on a realm of its own, shown message by message: `./dev run`.
# A relay stands between the client and the KDC and keeps what went over the wire; the realm's
# administrator, who has the keys, opens it with `obol decode`. Nothing shown here is made up.
import argparse
import base64
import http.client
import os
import pathlib
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile

import demo_keys
import demo_relay
import demo_show as show
import demo_story as story
from demo_story import KDC, SPN, USER

REALM, PASSWORD = "OBOL.TEST", "correct horse battery"
OTHERS = ("KRB5", "OBOL_", "HTTP_PROXY", "ALL_PROXY")  # settings of the caller's that are not for this realm


class Failed(Exception):
    """A step of the demonstration that did not work, with what the person should see."""


def bound_to_us(*words):
    """The words, run so that they get SIGTERM when this process is gone, however it went."""
    return ["/usr/bin/setpriv", "--pdeathsig", "TERM", *map(str, words)]


class Demo:
    def __init__(self, obol):
        self.obol = str(pathlib.Path(obol).resolve())
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="obol-demo-"))
        self.home = self.dir / "realm"
        self.ring = demo_keys.Keyring(self.dir, lambda *words: self.run(self.obol, *words))
        self.servers, self.children = {}, []
        self.relay = None
        self.starting = self.interrupted = False
        self.wire = []  # everything that was sent

    # ---- running programs

    def environment(self, conf="krb5.conf"):
        clean = {k: v for k, v in os.environ.items() if not k.upper().startswith(OTHERS)}
        return dict(clean, KRB5_CONFIG=str(self.dir / conf), KRB5CCNAME=f"FILE:{self.dir}/tickets",
                    OBOL_HOME=str(self.home))

    def start(self, words, conf="krb5.conf", **options):
        """Starts a program that stop() will end. An interruption waits until it can."""
        self.starting = True
        try:
            child = subprocess.Popen([str(w) for w in words], env=self.environment(conf), text=True, **options)
            self.children.append(child)
        except FileNotFoundError as missing:
            raise Failed(f"{words[0]} is not installed") from missing
        finally:
            self.starting = False
        if self.interrupted:
            raise KeyboardInterrupt
        return child

    def interrupt(self, *_):
        """Ends the demonstration, once: a terminal that closes sends more than one signal."""
        first, self.interrupted = not self.interrupted, True
        if first and not self.starting:
            raise KeyboardInterrupt

    def run(self, *words, stdin="", conf="krb5.conf"):
        child = self.start(words, conf, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = child.communicate(stdin, timeout=60)
        self.children.remove(child)
        if child.returncode != 0:
            raise Failed(f"this ended with exit status {child.returncode}: {shlex.join(child.args)}\n{out}{err}")
        return out

    def command(self, *words, note="", **options):
        show.command("obol " + shlex.join(str(w).replace(f"{self.dir}/", "") for w in words), note)
        return self.run(self.obol, *words, **options)

    def serve(self, *words):
        """Starts a server and waits for the line that says where it listens."""
        ready, write = os.pipe()
        log = self.dir / f"{words[0]}.log"
        with open(log, "w") as output:
            child = self.start(bound_to_us(self.obol, *words, "--ready-fd", write), pass_fds=[write],
                               stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        os.close(write)
        with os.fdopen(ready) as f:
            line = f.readline()
        if not line.startswith("ready"):
            raise Failed(f"obol {words[0]} did not start:\n{log.read_text()}")
        self.servers[words[0]] = child
        return int(line.split()[1].rstrip("/").rsplit(":", 1)[1])

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self.relay:
            self.relay.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- the realm

    def write_conf(self, name, port):
        (self.dir / name).write_text(
            f"[libdefaults]\n    default_realm = {REALM}\n    dns_lookup_kdc = false\n"
            "    dns_lookup_realm = false\n    dns_canonicalize_hostname = false\n    rdns = false\n"
            f"[realms]\n    {REALM} = {{\n        kdc = 127.0.0.1:{port}\n    }}\n"
            f"[domain_realm]\n    localhost = {REALM}\n")

    def make_realm(self):
        show.title("A realm of its own")
        self.command("realm", "create", REALM)
        with open(self.home / "kdc.conf", "a") as conf:
            conf.write(f"\n[realms]\n    {REALM} = {{\n        preauth_mechanisms = encrypted_timestamp\n"
                       "        announce_fast = false\n    }\n")
        show.paragraph("Its kdc.conf asks for an encrypted timestamp and for no armor, so that a key of alice's "
                       "or the KDC's opens each message below. Left alone, a realm prefers SPAKE: then who "
                       "listens has nothing to guess passwords by.")
        self.command("principal", "add", USER, "--password-stdin", stdin=PASSWORD + "\n",
                     note="the realm keeps its key")
        self.command("spn", "add", SPN, note="the web service")
        self.command("keytab", "create", self.dir / "web.keytab", SPN, note="and its key")
        for name in story.KEYS:
            show.key(name)
        for name, principal in ((story.USER_KEY, USER), (story.KDC_KEY, f"krbtgt/{REALM}"), (story.SERVICE_KEY, SPN)):
            path = self.dir / f"{len(self.ring.files)}.keytab"
            self.run(self.obol, "keytab", "create", path, principal)
            self.ring.hold(name, path)
        kdc_port = self.serve("serve", "--listen", "127.0.0.1:0")
        show.fact(f"the KDC of {REALM} listens on 127.0.0.1 port {kdc_port}, UDP and TCP")
        self.relay = demo_relay.Relay(kdc_port)
        self.write_conf("krb5.conf", kdc_port)
        self.write_conf("relay.conf", self.relay.port)
        self.web_port = self.serve("web", "--keytab", self.dir / "web.keytab", "--port", "0",
                                   "--rcache", self.dir / "replays")
        self.url = f"http://localhost:{self.web_port}/"
        show.fact(f"the web service listens too: {self.url} opens with a ticket only")
        show.paragraph("A relay on 127.0.0.1 keeps each message below as it went over the wire. What is "
                       "sealed has a bar in the colour of its key, and was opened with that key alone.")

    # ---- the flow

    def show_message(self, sender, receiver, data, by):
        self.wire.append(data)
        if PASSWORD.encode() in data:
            raise Failed(f"the password went over the wire, from {sender} to {receiver}")
        return story.message(sender, receiver, data, by, self.ring)

    def show_relayed(self, expected):
        """Shows what passed the relay; it must be these kinds of message."""
        kinds = []
        for request, transport, data in self.relay.take():
            body = self.show_message(*((USER, KDC) if request else (KDC, USER)), data, transport)
            kinds.append(body["msg-type-name"])
        if kinds != expected:
            raise Failed(f"the messages were {', '.join(kinds)} and not {', '.join(expected)}")

    def as_exchange(self):
        show.title("1  AS exchange: the password becomes a ticket-granting ticket (TGT)")
        self.command("login", USER, "--password-stdin", stdin=PASSWORD + "\n", conf="relay.conf",
                     note="the password is typed here")
        self.show_relayed(["AS-REQ", "KRB-ERROR", "AS-REQ", "AS-REP"])

    def tgs_exchange(self):
        show.title(f"2  TGS exchange: the TGT becomes a ticket for {SPN}")
        self.command("ticket", SPN, conf="relay.conf", note="no password any more")
        self.show_relayed(["TGS-REQ", "TGS-REP"])

    def get(self, headers):
        try:
            connection = http.client.HTTPConnection("localhost", self.web_port, timeout=30)
            connection.request("GET", "/", headers=headers)
            answer = connection.getresponse()
            return answer, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{self.url} could not be fetched: {error}") from error

    def ap_exchange(self):
        show.title("3  AP exchange: the ticket opens the page, and the service proves itself")
        answer, _ = self.get({})
        if answer.status != 401 or answer.getheader("WWW-Authenticate") != "Negotiate":
            raise Failed(f"without a ticket the page answered {answer.status}, not 401 Negotiate")
        show.fact("GET / without a ticket: 401 Unauthorized, WWW-Authenticate: Negotiate")
        show.command(f"obol token {SPN}", "for Authorization: Negotiate")
        token = self.start([self.obol, "token", SPN], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
        first = token.stdout.readline().strip()
        if not first:
            raise Failed(f"obol token {SPN} gave none:\n{token.communicate()[1]}")
        asked = self.show_message(USER, SPN, base64.b64decode(first), "SPNEGO in HTTP")
        answer, page = self.get({"Authorization": f"Negotiate {first}"})
        if answer.status != 200 or f"{USER}@{REALM}" not in page:
            raise Failed(f"the page answered {answer.status}:\n{page}")
        back = (answer.getheader("WWW-Authenticate") or "").partition(" ")[2]
        if not back:
            raise Failed("the service sent no proof of its own back")
        answered = self.show_message(SPN, USER, base64.b64decode(back), "SPNEGO in HTTP")
        _, complaint = token.communicate(back + "\n", timeout=30)
        if token.returncode != 0:
            raise Failed(f"the service did not prove itself:\n{complaint}")
        sent, returned = (story.find(body, "inside") for body in (asked["authenticator"], answered))
        if [sent["Authenticator"][k] for k in ("ctime", "cusec")] != \
           [returned["EncAPRepPart"][k] for k in ("ctime", "cusec")]:
            raise Failed("the AP-REP does not repeat the time of the AP-REQ")
        show.out()
        show.fact(f"200 OK: “You are {USER}@{REALM}”")
        show.fact("mutual: to read alice's time the service needed session key B, which lay in the ticket, which "
                  f"only the key of {SPN} opens. So it was that service that answered.")

    def keys_and_password(self):
        show.title("Who had which key, and where the password went")
        show.table(("key", "who has it", "what it is", "seals"), [
            (story.USER_KEY, "alice, KDC", "made of the password", "the time, the AS-REP"),
            (story.KDC_KEY, "KDC", "random", "TGTs"),
            (story.SERVICE_KEY, "KDC, service", "random", "tickets for it"),
            (story.SESSION_A, "alice, KDC", "random, in the TGT", "the TGS-REQ's proof"),
            (story.ONE_TIME, "alice, KDC", "random, alice's", "the TGS-REP"),
            (story.SESSION_B, "alice, service", "random, in the ticket", "the last two proofs")])
        show.out()
        sent = b"".join(self.wire)
        if any(key in sent for key in self.ring.secrets()):
            raise Failed("a key went over the wire in clear")
        show.fact(f"the password stayed here: it is nowhere in the {len(sent)} bytes above, and no key is, unless "
                  "sealed. alice's machine made a key of it; that key sealed her proof and opened the AS-REP.")

    def other_clients(self):
        show.title("The same page, by clients that we did not write, with alice's tickets")
        script = ("import requests, requests_kerberos\n"
                  f"r = requests.get({self.url!r}, auth=requests_kerberos.HTTPKerberosAuth())\n"
                  "print(r.status_code, r.text)\n")
        show.command(f"python3: requests.get({self.url!r}, auth=HTTPKerberosAuth())")
        text = self.run("/usr/bin/python3", "-c", script)
        if not text.startswith("200 ") or f"{USER}@{REALM}" not in text:
            raise Failed(f"requests with HTTPKerberosAuth() did not get the page:\n{text}")
        show.fact("200 OK: Debian's python3-requests-kerberos on MIT's libraries, unchanged; it checked the "
                  "service's proof too (mutual authentication is its default)")
        show.command(f"curl --negotiate -u : {self.url}")
        text = self.run("curl", "-sS", "--fail", "--negotiate", "-u", ":", self.url)
        if f"{USER}@{REALM}" not in text:
            raise Failed(f"curl --negotiate did not get the page:\n{text}")
        show.fact("200 OK: Debian's curl on MIT's libraries, unchanged")

    def stay(self):
        show.title("The realm stays up until Ctrl-C. In another terminal:")
        where, obol = shlex.quote(str(self.dir)), shlex.quote(self.obol)
        proxy = any(k.upper() in ("HTTP_PROXY", "ALL_PROXY") and v for k, v in os.environ.items())
        lines = [f"export KRB5_CONFIG={where}/krb5.conf KRB5CCNAME=FILE:{where}/mine OBOL_HOME={where}/realm",
                 *(["export no_proxy=localhost"] if proxy else []),
                 f"kinit {USER}    # the password is: {PASSWORD}",
                 "klist",
                 f"curl --negotiate -u : {self.url}",
                 "klist             # now with the service's ticket",
                 f"{obol} principal list"]
        show.out("\n" + "\n".join("    " + line for line in lines) + "\n")
        # Every signal wakes this, whichever thread gets it, and however close before the wait it comes.
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while all(child.poll() is None for child in self.servers.values()):
            select.select([woken], [], [])
            os.read(woken, 64)
        for name, child in self.servers.items():
            if child.poll() is not None:
                raise Failed(f"obol {name} ended with status {child.returncode}:\n"
                             f"{(self.dir / f'{name}.log').read_text()}")


def main():
    parser = argparse.ArgumentParser(prog="./dev run", description="one login, from password to page")
    parser.add_argument("--obol", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help="end after the flow")
    arguments = parser.parse_args()
    demo, shown = Demo(arguments.obol), False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, demo.interrupt)
    try:
        for step in (demo.make_realm, demo.as_exchange, demo.tgs_exchange, demo.ap_exchange,
                     demo.keys_and_password, demo.other_clients):
            step()
        shown = True
        if not arguments.once:
            demo.stay()
        return 0
    except BrokenPipeError:  # `./dev run | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Failed, story.Sealed, subprocess.TimeoutExpired, OSError) as failure:
        show.failed(str(failure))
        return 1
    except KeyboardInterrupt:
        show.out("" if shown else "\n  stopped before the end")
        return 0 if shown else 130
    finally:
        demo.interrupted = True  # from here on, let it clean up
        demo.stop()


sys.exit(main())
