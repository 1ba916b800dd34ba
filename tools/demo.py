#!/usr/bin/python3
# demo.py: the tutorial's login on a realm of its own, shown message by message: `./dev run`.
# A relay stands between the client and the KDC and keeps what went over the wire; the realm's
# administrator, who has the keys, opens it with `obol decode`. Nothing shown here is made up.
import argparse
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import demo_relay
import demo_show as show

REALM, USER, SPN, PASSWORD = "OBOL.TEST", "alice", "HTTP/localhost", "correct horse battery"


class Failed(Exception):
    """A step of the demonstration that did not work, with what the person should see."""


class Demo:
    def __init__(self, obol):
        self.obol = str(pathlib.Path(obol).resolve())
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="obol-demo-"))
        self.home = self.dir / "realm"
        self.children = []
        self.relay = None

    # ---- running programs

    def environment(self, conf="krb5.conf"):
        return dict(os.environ, KRB5_CONFIG=str(self.dir / conf),
                    KRB5CCNAME=f"FILE:{self.dir}/tickets", OBOL_HOME=str(self.home))

    def run(self, *words, stdin="", conf="krb5.conf", check=True):
        done = subprocess.run([str(w) for w in words], input=stdin, capture_output=True, text=True,
                              env=self.environment(conf), timeout=60)
        if check and done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def command(self, *words, **options):
        show.command("obol " + " ".join(map(str, words)))
        return self.run(self.obol, *words, **options)

    def serve(self, *words):
        """Starts a server and waits for the line that says where it listens."""
        ready, write = os.pipe()
        log = open(self.dir / f"{words[0]}.log", "w")
        child = subprocess.Popen([self.obol, *map(str, words), "--ready-fd", str(write)],
                                 pass_fds=[write], env=self.environment(), stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, start_new_session=True)
        os.close(write)
        self.children.append(child)
        with os.fdopen(ready) as f:
            line = f.readline()
        if not line.startswith("ready"):
            raise Failed(f"obol {words[0]} did not start:\n{(self.dir / f'{words[0]}.log').read_text()}")
        return int(line.split()[1].rstrip("/").rsplit(":", 1)[1])

    def stop(self):
        for child in reversed(self.children):
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
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
        self.command("principal", "add", USER, "--password-stdin", stdin=PASSWORD + "\n")
        self.command("spn", "add", SPN)
        self.command("keytab", "create", self.dir / "web.keytab", SPN)
        self.run(self.obol, "keytab", "create", self.dir / "all.keytab", SPN, USER, f"krbtgt/{REALM}")
        self.kdc_port = self.serve("serve", "--listen", "127.0.0.1:0")
        show.fact(f"the KDC of {REALM} listens on 127.0.0.1 port {self.kdc_port}, UDP and TCP")
        self.relay = demo_relay.Relay(self.kdc_port)
        self.write_conf("krb5.conf", self.kdc_port)
        self.write_conf("relay.conf", self.relay.port)
        self.web_port = self.serve("web", "--keytab", self.dir / "web.keytab", "--port", "0",
                                   "--rcache", self.dir / "replays")
        self.url = f"http://localhost:{self.web_port}/"
        show.fact(f"a web service that only a ticket opens: {self.url}")

    def decode(self, message):
        """What the bytes say, the sealed parts opened with the realm's own keys."""
        path = self.dir / "message"
        path.write_bytes(message)
        return json.loads(self.run(self.obol, "decode", "--json", "--keytab", self.dir / "all.keytab", path))

    # ---- the flow

    def show_messages(self):
        messages = self.relay.take()
        for sender, data in messages:
            show.message(sender, "KDC" if sender == USER else USER, data, self.decode(data))
        if any(PASSWORD.encode() in data for _, data in messages):
            raise Failed("the password went over the wire")
        return messages

    def as_exchange(self):
        show.title("1  AS exchange: the password becomes a ticket-granting ticket")
        self.command("login", USER, "--password-stdin", stdin=PASSWORD + "\n", conf="relay.conf")
        messages = self.show_messages()
        show.fact(f"the password stayed here: it is in none of the {sum(len(m) for _, m in messages)} "
                  "bytes above. A key was made of it on this machine, and that key sealed and opened.")

    def tgs_exchange(self):
        show.title(f"2  TGS exchange: the TGT becomes a ticket for {SPN}")
        self.command("ticket", SPN, conf="relay.conf")
        self.show_messages()

    def get(self, headers):
        connection = http.client.HTTPConnection("localhost", self.web_port, timeout=30)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def ap_exchange(self):
        show.title("3  AP exchange: the ticket opens the page, and the service proves itself")
        answer, _ = self.get({})
        if answer.status != 401 or answer.getheader("WWW-Authenticate") != "Negotiate":
            raise Failed(f"without a ticket the page answered {answer.status}, not 401 Negotiate")
        show.fact("without a ticket the page answers: 401 Unauthorized, WWW-Authenticate: Negotiate")
        show.command(f"obol token {SPN}")
        token = subprocess.Popen([self.obol, "token", SPN], env=self.environment(), text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.children.append(token)
        first = token.stdout.readline().strip()
        show.message(USER, SPN, base64.b64decode(first), self.decode(base64.b64decode(first)))
        answer, page = self.get({"Authorization": f"Negotiate {first}"})
        if answer.status != 200 or f"{USER}@{REALM}" not in page:
            raise Failed(f"the page answered {answer.status}:\n{page}")
        back = answer.getheader("WWW-Authenticate").split()[1]
        show.message(SPN, USER, base64.b64decode(back), self.decode(base64.b64decode(back)))
        _, complaint = token.communicate(back + "\n", timeout=30)
        self.children.remove(token)
        if token.returncode != 0:
            raise Failed(f"the service did not prove itself:\n{complaint}")
        show.fact(f"200 OK, \"You are {USER}@{REALM}\"; and the service proved that it holds the key "
                  f"of {SPN}: only that key opens the ticket, where the session key lies")

    def other_clients(self):
        show.title("The same page, by clients that we did not write")
        script = ("import requests, requests_kerberos\n"
                  f"r = requests.get('{self.url}', auth=requests_kerberos.HTTPKerberosAuth())\n"
                  "print(r.status_code, 'You are' in r.text)\n")
        show.command("python3: requests.get(url, auth=HTTPKerberosAuth())   # on MIT's libraries")
        if self.run("/usr/bin/python3", "-c", script).split() != ["200", "True"]:
            raise Failed("requests with HTTPKerberosAuth() did not get the page")
        show.fact("200 OK, and requests verified the service's proof")
        show.command(f"curl --negotiate -u : {self.url}")
        page = self.run("curl", "-sS", "--fail", "--negotiate", "-u", ":", self.url)
        if f"{USER}@{REALM}" not in page:
            raise Failed("curl --negotiate did not get the page")
        show.fact("200 OK")

    def stay(self):
        show.title("The realm stays up until Ctrl-C. From another terminal:")
        show.plain(f"    export KRB5_CONFIG={self.dir}/krb5.conf KRB5CCNAME=FILE:{self.dir}/mine\n"
                   f"    kinit {USER}        # password: {PASSWORD}\n    klist\n"
                   f"    curl --negotiate -u : {self.url}\n    klist\n"
                   f"    export OBOL_HOME={self.home}; {self.obol} principal list\n")
        signal.pause()


def main():
    parser = argparse.ArgumentParser(prog="./dev run", description="one login, from password to page")
    parser.add_argument("--obol", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help="end after the flow")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(arguments.obol)
    try:
        for step in (demo.make_realm, demo.as_exchange, demo.tgs_exchange, demo.ap_exchange,
                     demo.other_clients):
            step()
        if not arguments.once:
            demo.stay()
    except (Failed, subprocess.TimeoutExpired, OSError) as failure:
        show.failed(str(failure))
        return 1
    except KeyboardInterrupt:
        show.plain("\n")
    finally:
        demo.stop()
    return 0


sys.exit(main())
