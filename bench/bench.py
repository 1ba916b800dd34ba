#!/usr/bin/python3
# bench.py: requests per CPU-second of our KDC and of MIT's krb5kdc, on this machine, in this run.
# All servers hold the same principals with the same keys and stand on the same core; the load
# generator (load.c) has another. Rounds are interleaved, so that what else the machine does falls on
# all alike. What counts is the CPU time of all processes of a server, from /proc; wall-clock figures
# and latencies depend on the neighbours too.
import argparse
import json
import os
import pathlib
import select
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

REALM = "BENCH.TEST"
MASTER_PASSWORD = "bench master"
KINDS = {"as": "AS, encrypted timestamp", "tgs": "TGS", "error": "PREAUTH_REQUIRED"}
ENCTYPES = ["aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha384-192"]
SETTLE = 1.3  # seconds: log and login times are written in this time, and count
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:78}\r", end="", file=sys.stderr, flush=True)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def tree(pid):
    """The process and all its descendants."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += tree(int(child))
    return found


def field(pid, file, name):
    """A figure in KiB from a file of /proc."""
    for line in pathlib.Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(f"/proc/{pid}/{file} has no {name}")


def memory_mib(servers):
    """By name, all measured alike. Our KDC guards its memory: only root is told its share."""
    try:
        return {server.name: server.pss() / 1024 for server in servers}
    except PermissionError:
        return {server.name: server.rss() / 1024 for server in servers}


class Server:
    name = "?"

    def __init__(self, directory, options, enctype):
        self.directory = directory
        self.options = options
        self.enctype = enctype
        self.port = free_port()
        self.process = None
        directory.mkdir(mode=0o700)

    def spawn(self, command, **kwargs):
        self.process = subprocess.Popen(["taskset", "-c", str(self.options.server_core), *command],
                                        **kwargs)

    def cpu_seconds(self):
        total = 0
        for pid in tree(self.process.pid):
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def pss(self):
        """Proportional set size in KiB: what is shared counts once."""
        return sum(field(pid, "smaps_rollup", "Pss") for pid in tree(self.process.pid))

    def rss(self):
        """The same from above in KiB: pages of files count once, what workers share counts in each."""
        pids = tree(self.process.pid)
        return (sum(field(pid, "status", "RssAnon") for pid in pids) +
                max(field(pid, "status", "RssFile") + field(pid, "status", "RssShmem") for pid in pids))

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)


class Obol(Server):
    name = "Obol"

    def start(self):
        (self.directory / "kdc.conf").write_text(
            f"[kdcdefaults]\n realm = {REALM}\n kdc_listen = 127.0.0.1:{self.port}\n workers = 1\n"
            f" log = kdc.log\n[realms]\n {REALM} = {{\n  max_life = 1d\n }}\n")
        subprocess.run([self.options.load, "obol-fill", self.directory, REALM,
                        str(self.options.users), self.enctype], check=True)
        ready, write = os.pipe()
        self.spawn([self.options.obol, "serve", "--home", self.directory, "--quiet", "--ready-fd",
                    str(write)], pass_fds=[write])
        os.close(write)
        if not select.select([ready], [], [], 20)[0] or not os.read(ready, 100):
            sys.exit("bench: our KDC did not start")
        os.close(ready)


class Mit(Server):
    name = "MIT, as Debian has it"
    dbmodule = ""

    def start(self):
        d = self.directory
        environment = {**ENVIRONMENT, "KRB5_CONFIG": str(d / "krb5.conf"),
                       "KRB5_KDC_PROFILE": str(d / "kdc.conf")}
        (d / "krb5.conf").write_text(f"[libdefaults]\n default_realm = {REALM}\n"
                                     f"[logging]\n kdc = FILE:{d}/kdc.log\n")
        # Both KDCs put PACs into their tickets and check those that come back: it is their default.
        (d / "kdc.conf").write_text(
            f"[kdcdefaults]\n kdc_listen = 127.0.0.1:{self.port}\n"
            f" kdc_tcp_listen = 127.0.0.1:{self.port}\n"
            f"[realms]\n {REALM} = {{\n  database_module = db\n  key_stash_file = {d}/stash\n"
            f"  master_key_type = aes256-cts-hmac-sha1-96\n"
            f"  supported_enctypes = {self.enctype}:normal\n  max_life = 1d\n }}\n"
            f"[dbmodules]\n db = {{\n  db_library = db2\n  database_name = {d}/principal\n"
            f"{self.dbmodule} }}\n")
        quiet = {"env": environment, "check": True, "stdout": subprocess.DEVNULL,
                 "stderr": subprocess.DEVNULL}
        subprocess.run(["kdb5_util", "create", "-s", "-r", REALM, "-P", MASTER_PASSWORD], **quiet)
        with open(d / "dump", "wb") as dump:
            subprocess.run([self.options.load, "mit-dump", REALM, str(self.options.users),
                            self.enctype, MASTER_PASSWORD], check=True, stdout=dump)
        subprocess.run(["kdb5_util", "load", "-update", str(d / "dump")], **quiet)
        self.spawn(["krb5kdc", "-n", "-r", REALM, "-P", str(d / "pid")], env=environment,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while not (d / "pid").exists():
            if time.monotonic() > until or self.process.poll() is not None:
                sys.exit("bench: MIT's krb5kdc did not start")
            time.sleep(0.05)


class MitTuned(Mit):
    name = "MIT, tuned"
    dbmodule = "  disable_last_success = true\n  disable_lockout = true\n"


def run(server, kind, count, settle=SETTLE):
    """One measured run: a dictionary of figures."""
    options = server.options
    load = subprocess.Popen(
        ["taskset", "-c", str(options.load_core), options.load, "run", "127.0.0.1",
         str(server.port), REALM, str(options.users), server.enctype, kind, str(count),
         str(options.window)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if load.stdout.readline() != "ready\n":
        sys.exit(f"bench: no requests could be built for {server.name}")
    if kind == "tgs":
        time.sleep(settle)  # the logins for the TGTs are not part of it
    before = server.cpu_seconds()
    out, _ = load.communicate("go\n")
    if load.returncode != 0:
        sys.exit(f"bench: {server.name}, {kind}: the replies are not right")
    time.sleep(settle)
    figures = json.loads(out)
    figures["cpu_s"] = server.cpu_seconds() - before
    if figures["unexpected"]:
        sys.exit(f"bench: {server.name}, {kind}: {figures['unexpected']} unexpected replies")
    figures["cpu_us"] = figures["cpu_s"] / figures["replies"] * 1e6
    figures["wall_rps"] = figures["replies"] / figures["wall_s"]
    return figures


def measure(options, enctype, directory):
    """All servers with one enctype: {(kind, server name): [figures, ...]} and memory by name."""
    servers = [kind(directory / str(i), options, enctype)
               for i, kind in enumerate((Obol, MitTuned, Mit))]
    results, counts = {}, {}
    try:
        for server in servers:
            server.start()
        for kind in options.kinds:
            for server in servers:
                trial = run(server, kind, 500, settle=0)
                counts[kind, server.name] = max(
                    2000, min(400000, int(trial["wall_rps"] * options.seconds)))
        for turn in range(options.rounds):
            for kind in options.kinds:
                for server in servers:
                    progress(f"{enctype}, round {turn + 1} of {options.rounds}: {kind}, "
                             f"{server.name}")
                    figures = run(server, kind, counts[kind, server.name])
                    results.setdefault((kind, server.name), []).append(figures)
        progress("")
        return results, memory_mib(servers)
    finally:
        for server in servers:
            server.stop()


def median(runs, name):
    return statistics.median(figures[name] for figures in runs)


def rows_of(enctype, results, memory, options):
    rows = []
    for kind in options.kinds:
        own = median(results[kind, Obol.name], "cpu_us")
        for name in (Obol.name, MitTuned.name, Mit.name):
            runs = results[kind, name]
            rows.append({"enctype": enctype, "request": KINDS[kind], "server": name,
                         **{key: median(runs, key) for key in
                            ("cpu_us", "wall_rps", "p50_us", "p99_us", "p999_us")},
                         "per_cpu_s": 1e6 / median(runs, "cpu_us"),
                         "lost": sum(figures["lost"] for figures in runs),
                         "memory_mib": memory[name],
                         "ours_is_times": median(runs, "cpu_us") / own})
    return rows


def show(rows):
    head = ("server", "req/CPU-s", "CPU us", "Obol is", "wall req/s", "p50 us", "p99 us",
            "p99.9 us", "lost", "MiB")
    last = None
    for row in rows:
        title = f"{row['request']}, {row['enctype']}"
        if title != last:
            print(f"\n{title}\n  {head[0]:22}" + "".join(f"{text:>11}" for text in head[1:]))
            last = title
        ratio = "" if row["server"] == Obol.name else f"{row['ours_is_times']:.1f}x"
        print(f"  {row['server']:22}{row['per_cpu_s']:11.0f}{row['cpu_us']:11.1f}{ratio:>11}"
              f"{row['wall_rps']:11.0f}{row['p50_us']:11.0f}{row['p99_us']:11.0f}"
              f"{row['p999_us']:11.0f}{row['lost']:11d}{row['memory_mib']:11.1f}")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Compare our KDC with MIT's.")
    parser.add_argument("--obol", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="about a minute, less exact")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--users", type=int, help="principals (default 10000; quick 1000)")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default 5; quick 1)")
    parser.add_argument("--seconds", type=float, help="of load in each run (default 3; quick 1)")
    parser.add_argument("--window", type=int, default=64, help="requests on the way at once")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--enctypes", nargs="+", default=ENCTYPES)
    parser.add_argument("--require", type=float, metavar="N",
                        help="fail unless AS and TGS are N times MIT's requests per CPU-second")
    options = parser.parse_args()
    options.users = options.users or (1000 if options.quick else 10000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 3)
    options.obol = options.obol.resolve()
    options.load = options.obol.parent / "bench" / "load"
    cores = sorted(os.sched_getaffinity(0))
    options.load_core, options.server_core = cores[0], cores[-1]
    if len(cores) == 1:
        print("bench: there is one core only: load and server share it", file=sys.stderr)
    return options


def main():
    options = arguments()
    for needed in ("krb5kdc", "kdb5_util", "taskset"):
        if not shutil.which(needed, path=ENVIRONMENT["PATH"]):
            sys.exit(f"bench: {needed} is not installed")
    rows = []
    with tempfile.TemporaryDirectory(prefix="obol-bench-") as directory:
        for enctype in options.enctypes:
            place = pathlib.Path(directory) / enctype
            place.mkdir()
            rows += rows_of(enctype, *measure(options, enctype, place), options)
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print(f"{options.users} users, {options.rounds} rounds of {options.seconds} s, window "
              f"{options.window}, server on core {options.server_core}; load average "
              f"{os.getloadavg()[0]:.1f}")
        show(rows)
    if options.require:
        low = [row for row in rows if row["server"] == MitTuned.name and
               not row["request"].startswith("PREAUTH") and row["ours_is_times"] < options.require]
        for row in low:
            print(f"bench: {row['request']}, {row['enctype']}: {row['ours_is_times']:.1f} times, "
                  f"not {options.require}", file=sys.stderr)
        sys.exit(1 if low else 0)


main()
