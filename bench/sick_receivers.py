#!/usr/bin/env python3
"""What sick receivers cost the tables: weir on one workload, against a healthy receiver and against each sick one.

  bench/sick_receivers.py [--rounds 9] [--documents 200000] [--keys 5000] [--triggers 8] [--only KIND ...]

Uses build/release/weir (or --weir PATH). A materialization sums documents into a SQLite table in short transactions;
each of its triggers (`delivery: background`) sends one request per transaction, all to one receiver. In each round every
receiver has its turn, in another order each time; the healthy one has two, and what the second costs more than the first
is the noise of this machine. The first round is a warm-up and thrown away; the tables of all runs are compared before a
figure is printed.

The ratios compare with the healthy runs, over TLS those of a healthy receiver over TLS: `cpu` processor time (user and
system, of weir alone; the quarter of the rounds that took least, for noise only ever adds to it), `wall` the time from
the start until the tables are done (the median over the rounds of the ratios within a round). `rss` is the difference of
the medians of peak resident memory. A receiver is isolated if it takes no more than 1 % of throughput and
8 MiB of memory, the noise counted against it. Throughput is judged by the wall clock. Where the noise of that exceeds
1 %, a receiver that takes no more processor time is isolated too, and of any other it is said that the noise hides it.
Exits 1 if a bound is broken, or lost in the noise.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

RATIO_MIN = 0.99
RSS_MIB_MAX = 8.0
NOISE_MAX = 0.01
SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def check(condition, message):
    if not condition:
        sys.exit(f"sick_receivers: {message}")


# --- the receivers, in a process of their own ------------------------------------------------------------------------

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Gone(Exception):
    pass


def request_of(connection, buffer=b""):
    """One request with its body; what was read beyond it is given back."""
    while b"\r\n\r\n" not in buffer:
        piece = connection.recv(65536)
        if not piece:
            raise Gone
        buffer += piece
    head, rest = buffer.split(b"\r\n\r\n", 1)
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(rest) < length:
        piece = connection.recv(65536)
        if not piece:
            raise Gone
        rest += piece
    return rest[length:]


def always(answer):
    def serve(connection, _):
        rest = b""
        while True:
            rest = request_of(connection, rest)
            connection.sendall(answer)
    return serve


def once(answer):
    def serve(connection, _):
        request_of(connection)
        connection.sendall(answer)
    return serve


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection, _):
    while connection.recv(65536):
        pass


def drip(connection, _):
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(1)


def reset_in_body(connection, _):
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    reset(connection)


def reset_after(connection, _):
    request_of(connection)
    connection.sendall(OK)
    reset(connection)


def gibibyte(connection, _):
    request_of(connection)
    connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 1073741824\r\n\r\n")
    piece = b"x" * 65536
    for _ in range(1 << 14):
        connection.sendall(piece)


def redirect_to_itself(connection, port):
    rest = b""
    while True:
        rest = request_of(connection, rest)
        connection.sendall(b"HTTP/1.1 307 Again\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % port)


def over_tls(certificate):
    def serve(connection, _):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        always(OK)(context.wrap_socket(connection, server_side=True), None)
    return serve


def no_content(status, more=b""):
    return b"HTTP/1.1 " + status + b"\r\n" + more + b"Content-Length: 0\r\n\r\n"


# name: (scheme, what it does to a connection). `refusing` and `dead` do not take any.
SERVERS = {
    "healthy": ("http", always(OK)),
    "refusing": ("http", None),
    "dead": ("http", None),
    "hanging": ("http", hang),
    "byte-a-second": ("http", drip),
    "reset-in-body": ("http", reset_in_body),
    "gibibyte": ("http", gibibyte),
    "no-tls": ("https", once(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    "healthy-tls": ("https", "healthy-tls"),
    "other-name": ("https", "other-name"),
    "expired": ("https", "expired"),
    "redirect-itself": ("http", redirect_to_itself),
    "redirect-private": ("http", always(no_content(b"307 There", b"Location: http://10.0.0.7/inside\r\n"))),
    "429": ("http", always(no_content(b"429 Slow Down"))),
    "429-retry-after": ("http", always(no_content(b"429 Slow Down", b"Retry-After: 1\r\n"))),
    "200-then-reset": ("http", reset_after),
    "garbage": ("http", once(b"\x00\xffgarbage 200\r\n\r\n")),
    "500": ("http", always(no_content(b"500 No"))),
}


def serve_forever(name, certificates):
    _, answer = SERVERS[name]
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if isinstance(answer, str):
        answer = over_tls(os.path.join(certificates, answer + ".pem"))
    queue = []
    if name == "dead":  # a full queue drops what comes
        listener.listen(0)
        for _ in range(4):
            queue.append(socket.socket())
            queue[-1].setblocking(False)
            queue[-1].connect_ex(("127.0.0.1", port))
    elif name != "refusing":
        listener.listen(1024)
    print(port, flush=True)
    if answer is None:
        signal.pause()

    def take(connection):
        with connection:
            try:
                answer(connection, port)
            except (OSError, Gone):
                pass
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=take, args=(connection,), daemon=True).start()


def make_certificates(folder):
    """Three that signed themselves, and `trusted.pem` with all of them: none is refused for its signature."""
    def openssl(*words):
        done = subprocess.run(["openssl", *words], capture_output=True, text=True, cwd=folder)
        check(done.returncode == 0, f"openssl {words[0]}: {done.stderr}")
    identities = {"healthy-tls": ("IP:127.0.0.1", "30"), "other-name": ("DNS:other.example", "30"),
                  "expired": ("IP:127.0.0.1", "-1")}
    for name, (subject, days) in identities.items():
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-subj", f"/CN={name}", "-addext", f"subjectAltName={subject}", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-signkey", f"{name}.key", "-days", days, "-copy_extensions", "copy",
                "-out", f"{name}.crt")
        with open(os.path.join(folder, f"{name}.pem"), "w") as out:
            for part in (f"{name}.key", f"{name}.crt"):
                out.write(open(os.path.join(folder, part)).read())
    with open(os.path.join(folder, "trusted.pem"), "w") as out:
        for name in identities:
            out.write(open(os.path.join(folder, f"{name}.crt")).read())
        if os.path.exists(SYSTEM_CERTIFICATES):  # as many as a machine trusts
            out.write(open(SYSTEM_CERTIFICATES).read())


class Receiver:
    def __init__(self, name, certificates):
        self.name, self.scheme = name, SERVERS[name][0]
        self.process = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--serve", name, "--certificates", certificates],
                                        stdout=subprocess.PIPE, text=True)
        self.url = f"{self.scheme}://127.0.0.1:{int(self.process.stdout.readline())}/"

    def end(self):
        self.process.kill()
        self.process.wait()


# --- the runs --------------------------------------------------------------------------------------------------------

def append_documents(folder, options, environment):
    """In batches: a transaction may end behind each, and with the shortest duration does."""
    chance = random.Random(7)
    words = "amber basin cedar delta ember fjord grove haven".split()
    for _ in range(options.transactions):
        lines = "".join(json.dumps({"id": chance.randrange(options.keys), "n": chance.randrange(1000),
                                    "who": chance.choice(words)}) + "\n"
                        for _ in range(options.documents // options.transactions))
        done = subprocess.run([options.weir, "append", "bench/sums", "-", "flow.json"], cwd=folder, env=environment,
                              input=lines, capture_output=True, text=True)
        check(done.returncode == 0, f"weir append: {done.stderr}")


def write_catalog(folder, receiver, options):
    flow = {
        "collections": {"bench/sums": {"key": ["/id"], "schema": {
            "type": "object", "required": ["id", "n"], "reduce": {"strategy": "merge"},
            "properties": {"id": {"type": "integer"}, "n": {"type": "integer", "reduce": {"strategy": "sum"}},
                           "who": {"type": "string"}}}}},
        "materializations": {"bench/tables": {
            "endpoint": {"sqlite": {"path": "weir.db"}},
            "shards": {"maxTxnDuration": "1ms"},
            "bindings": [{"resource": {"table": "t"}, "source": "bench/sums"}],
            "triggers": {"config": [{
                "name": f"t{i}", "url": receiver.url + str(i), "delivery": "background", "interval": "0s",
                "timeout": options.timeout, "headers": {"Authorization": "Bearer ${env:BENCH_TOKEN}"},
                "payloadTemplate": '{"id": "{{request_id}}", "tables": {{json tables}}}'}
                for i in range(options.triggers)]},
        }},
    }
    with open(os.path.join(folder, "flow.json"), "w") as out:
        json.dump(flow, out)


# Run by a small interpreter of its own: a child's peak memory begins at that of the process it was forked from.
MEASURE = """
import json, os, subprocess, sys, time
started = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
said = child.stdout.read().decode()
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps({"wall": time.monotonic() - started, "cpu": usage.ru_utime + usage.ru_stime,
                  "rss": usage.ru_maxrss / 1024, "code": os.waitstatus_to_exitcode(status), "said": said}))
sys.stdout.flush()
os._exit(0)
"""


class Run:
    """One run until the tables are done, from an empty table and with an empty state."""

    def __init__(self, folder, receiver, options, environment, told):
        for name in (".weir", "weir.db", "weir.db-wal", "weir.db-shm"):
            path = os.path.join(folder, name)
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else (os.path.exists(path) and os.remove(path))
        write_catalog(folder, receiver, options)
        words = [options.weir, "run", "--until-caught-up", "--wait", "0s", "--json", "--log", "error", "flow.json"]
        measured = json.loads(subprocess.run([sys.executable, "-c", MEASURE, *words], cwd=folder, env=environment,
                                             capture_output=True, text=True, check=True).stdout)
        check(measured["code"] in (0, 6), f"weir run against {receiver.name} exited {measured['code']}")
        self.wall, self.cpu, self.rss = measured["wall"], measured["cpu"], measured["rss"]
        self.transactions = json.loads(measured["said"])[0]["transaction"]
        with sqlite3.connect(f"file:{folder}/weir.db?mode=ro", uri=True) as database:
            rows = database.execute("select id, n from t order by id").fetchall()
        self.table = hashlib.sha256(repr(rows).encode()).hexdigest()
        if not told:
            return
        history = self.ask(folder, options, environment, "history")
        self.attempts = sum(len(row["attempts"]) for row in history)
        self.delivered = sum(any(200 <= a["status"] < 300 for a in row["attempts"]) for row in history)
        self.parked = sum(row["state"] == "parked" for row in self.ask(folder, options, environment, "pending"))

    @staticmethod
    def ask(folder, options, environment, verb):
        done = subprocess.run([options.weir, "triggers", verb, "--json", "--flow", "flow.json"], cwd=folder,
                              env=environment, capture_output=True, text=True)
        check(done.returncode in (0, 1), f"weir triggers {verb}: {done.stderr}")
        return json.loads(done.stdout)


def median_of(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def ratio(healthy, runs, what):
    """Throughput against healthy runs: above 1, it was faster. Whatever else a machine does lengthens processor time,
    and never shortens it; so the quarter of the runs that took least is compared."""
    if what == "cpu":
        least = [statistics.mean(sorted(run.cpu for run in each)[:max(1, len(each) // 4)]) for each in (healthy, runs)]
        return least[0] / least[1]
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in zip(healthy, runs))


def within(ratio_seen, noise):
    """Whether the bound holds; None where the noise leaves it open."""
    if ratio_seen - noise >= RATIO_MIN:
        return True
    return False if ratio_seen + noise < RATIO_MIN else None


def throughput_holds(seen, noise):
    if noise["wall"] <= NOISE_MAX:
        return within(seen["wall"], noise["wall"])
    return within(seen["cpu"], noise["cpu"]) or None


def report(runs):
    healthy, again = runs["healthy"], runs["healthy again"]
    noise = {what: abs(ratio(healthy, again, what) - 1) for what in ("cpu", "wall")}
    print(f"\nhealthy: {median_of(healthy, 'wall'):.3f} s, {median_of(healthy, 'cpu'):.3f} s of processor time, "
          f"{median_of(healthy, 'rss'):.1f} MiB, {median_of(healthy, 'transactions'):.0f} transactions; "
          f"medians of {len(healthy)}, tables equal")
    print(f"noise, healthy against healthy: cpu {noise['cpu']:.2%}, wall {noise['wall']:.2%}"
          + ("" if noise["wall"] <= NOISE_MAX else ": too much for wall to be judged"))
    print(f"{'receiver':18} {'cpu':>7} {'wall':>7} {'rss MiB':>8} {'attempts':>9} {'delivered':>10} {'parked':>7}  bounds")
    held, broken, open_ = [], [], []
    for name, each in runs.items():
        base = runs["healthy-tls"] if "healthy-tls" in runs and SERVERS.get(name, "h")[0] == "https" else healthy
        seen = {what: ratio(base, each, what) for what in ("cpu", "wall")}
        rss = median_of(each, "rss") - median_of(base, "rss")
        bounds = ""
        if not name.startswith("healthy"):
            judged = {"memory": rss <= RSS_MIB_MAX, "throughput": throughput_holds(seen, noise)}
            failed = [words for words, holds in judged.items() if holds is False]
            unclear = [words for words, holds in judged.items() if holds is None]
            bounds = ("NOT HELD: " + ", ".join(failed) if failed else
                      "lost in the noise: " + ", ".join(unclear) if unclear else "held")
            (broken if failed else open_ if unclear else held).append(name)
        print(f"{name:18} {seen['cpu']:7.3f} {seen['wall']:7.3f} {rss:+8.1f} {each[-1].attempts:9} "
              f"{each[-1].delivered:10} {each[-1].parked:7}  {bounds}".rstrip())
    print(f"{len(held)} of {len(held) + len(broken) + len(open_)} sick receivers within 1 % and 8 MiB"
          + (f"; not: {', '.join(broken)}" if broken else "")
          + (f"; more --rounds or a quieter machine would tell: {', '.join(open_)}" if open_ else ""))
    return 1 if broken or open_ else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--keys", type=int, default=5_000)
    parser.add_argument("--triggers", type=int, default=8)
    parser.add_argument("--transactions", type=int, default=100, help="batches that the documents are appended in")
    parser.add_argument("--timeout", default="1s", help="of one attempt")
    parser.add_argument("--only", nargs="+", choices=[name for name in SERVERS if name != "healthy"])
    parser.add_argument("--folder", help="where files are written; default the temporary folder")
    parser.add_argument("--weir", default=os.path.join(os.path.dirname(__file__), "..", "build", "release", "weir"))
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--certificates", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve_forever(options.serve, options.certificates)
    options.weir = os.path.abspath(options.weir)
    check(os.path.exists(options.weir), f"{options.weir} is missing; scripts/build makes it")

    folder = tempfile.mkdtemp(prefix="weir-bench-", dir=options.folder)
    make_certificates(folder)
    environment = {"PATH": os.environ["PATH"], "BENCH_TOKEN": "of-the-benchmark",
                   "SSL_CERT_FILE": os.path.join(folder, "trusted.pem")}
    sick = options.only or [name for name in SERVERS if name != "healthy"]
    if any(SERVERS[name][0] == "https" for name in sick) and "healthy-tls" not in sick:
        sick.insert(0, "healthy-tls")
    receivers = {name: Receiver(name, folder) for name in ["healthy", *sick]}
    turns = ["healthy", "healthy again", *sick]
    runs = {name: [] for name in turns}
    try:
        write_catalog(folder, receivers["healthy"], options)
        append_documents(folder, options, environment)
        want = None
        for turn in range(options.rounds + 1):
            for name in random.Random(turn).sample(turns, len(turns)):
                receiver = receivers["healthy" if name == "healthy again" else name]
                run = Run(folder, receiver, options, environment, told=turn == options.rounds)
                want = want or run.table
                check(run.table == want, f"the table beside {name} differs; no figure is printed")
                if turn > 0:
                    runs[name].append(run)
            print(f"round {turn} of {options.rounds}" + (" (warm-up)" if turn == 0 else ""), file=sys.stderr, flush=True)
    finally:
        for receiver in receivers.values():
            receiver.end()
        shutil.rmtree(folder)
    sys.exit(report(runs))


if __name__ == "__main__":
    main()
