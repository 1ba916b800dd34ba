# test_password_rules.py: the rules of a policy hold for a new password by whatever way it comes: Heimdal's kpasswd over
# UDP, MIT krb5's over TCP, and MIT's kadmin; and each says which rule it was.
import re

import pytest

from support.heimdal import program
from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run
from support.terminal import Terminal

REALM = "RULES.TEST"
FIRST, SECOND = "Violet-Harbour-1", "Copper-Meadow-22"
# A password, and what kpasswd's user and kadmin's are told of it.
RULES = {
    "length": ("Short-1", "it has 7 characters; 10 at least are asked for", "Password is too short"),
    "classes": ("onlysmallletters", "kinds of characters", "Password does not contain enough character classes"),
    "likeness": ("!!Marigold!!2", "too like the name of its owner", "Password is in the password dictionary"),
    "dictionary": ("Watermelon Seeds 7", "a word of the dictionary", "Password is in the password dictionary"),
    "present": (FIRST, "one of the last 2 passwords", "Cannot reuse password"),
}


class Realm:
    def __init__(self, directory, _name):
        self.dir, home = directory, directory / "home"
        kdc, kpasswd, kadmin = free_port(), free_port(), free_port()

        def obol(*words, input=""):
            run([binary(), *words, "--home", home], obol_env(), input).ok()
        obol("realm", "create", REALM, "--listen", f"127.0.0.1:{kdc}")
        conf = home / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", f"""[kdcdefaults]
    kpasswd_listen = 127.0.0.1:{kpasswd}
    kadmind_listen = 127.0.0.1:{kadmin}
""").replace(f"{REALM} = {{\n", f"{REALM} = {{\n        dict_file = words\n"))
        (home / "words").write_text("strawberries\nWatermelon Seeds 7\n")
        obol("policy", "add", "staff", "--min-length", "10", "--min-classes", "3", "--history", "2", "--similar", "yes")
        for way in WAYS:
            name = f"marigold/{way}"
            obol("principal", "add", name, "--policy", "staff", "--password-stdin", input=FIRST + "\n")
        (directory / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{kdc}\n  kpasswd_server = 127.0.0.1:{kpasswd}\n"
            f"  admin_server = 127.0.0.1:{kadmin}\n }}\n")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemon = Daemon([binary(), "serve", "--home", home, "--workers", "1"], directory / "serve.log", obol_env(), kdc)
        self.daemon.wait_port(kpasswd)
        self.daemon.wait_port(kadmin)

    def stop(self):
        self.daemon.stop()

    def change(self, way, before, new):
        """What the user is told, and how the log says that it came."""
        seen = len(self.daemon.log.read_text())
        name = f"marigold/{way}"
        if way == "kadmin":
            said = run(["kadmin", "-p", name, "-w", before, "-q", f'cpw -pw "{new}" {name}'], self.env).text
        elif way == "tcp":
            said = run(["kpasswd", name], self.env, f"{before}\n{new}\n{new}\n").text
        else:
            said = self.typed([program("kpasswd.heimdal"), f"{name}@{REALM}"], (before, new, new))
        came = {"udp": ("KPASSWD ", "from=udp:"), "tcp": ("KPASSWD ", "from=tcp:"),
                "kadmin": ("kadm5_chpass_principal", "from=tcp:")}[way]
        self.daemon.wait_until(lambda: any(all(word in line for word in came)
                                           for line in self.daemon.log.read_text()[seen:].splitlines()), f"no {came}")
        return said

    def typed(self, words, answers):
        terminal = Terminal(words, self.env)
        try:
            for answer in answers:
                terminal.wait_for(r":\s*$")
                terminal.type(answer + "\n")
            terminal.end()
            return terminal.seen
        finally:
            terminal.close()

    def logs_in(self, way, password):
        return run(["kinit", "-c", f"{self.dir}/check", f"marigold/{way}"], self.env, password + "\n").status == 0


WAYS = ["udp", "tcp", "kadmin"]


@pytest.fixture
def realm(started):
    return started(Realm, REALM)


@pytest.mark.parametrize("way", WAYS)
def test_each_rule_holds_and_is_named_by_each_way(realm, way):
    for rule, (password, to_kpasswd, to_kadmin) in RULES.items():
        said = realm.change(way, FIRST, password)
        assert (to_kadmin if way == "kadmin" else to_kpasswd) in said, (rule, said)
    assert realm.logs_in(way, FIRST)
    assert re.search("changed|Success", realm.change(way, FIRST, SECOND))
    assert realm.logs_in(way, SECOND) and not realm.logs_in(way, FIRST)
    # The one before is remembered.
    said = realm.change(way, SECOND, FIRST)
    assert ("Cannot reuse password" if way == "kadmin" else "one of the last 2 passwords") in said, said
    assert realm.logs_in(way, SECOND)
