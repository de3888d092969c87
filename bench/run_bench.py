#!/usr/bin/env python3
"""The whole program against plain tools on the same data: ratios of runs made side by side.

  bench/run_bench.py backfill [--rows 1000000] [--rounds 5]   journal -> SQLite table, against sqlite3 .import
  bench/run_bench.py update   [--rows 1000000] [--rounds 5]   every row again with other values, against .import + upsert
  bench/run_bench.py sum      [--documents 2000000] [--keys 100000] [--rounds 5]
                                                              sums by key, against .import + grouped upsert
  bench/run_bench.py latency  [--transactions 300]            last row stored -> request received, against commit + POST

Uses build/release/weir (or --weir PATH) and the sqlite3 program. Both ends are durable: weir syncs each commit, sqlite3
runs with its default rollback journal and synchronous=full. Rounds alternate, the first is a warm-up and thrown away,
medians are printed, and tables are compared before any ratio is. Absolute times say little about another machine.
"""
import argparse
import http.client
import http.server
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime

WORDS = "amber basin cedar delta ember fjord grove haven inlet jetty knoll ledge marsh north ocean plain".split()


def check(condition, message):
    if not condition:
        sys.exit(f"run_bench: {message}")


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    check(done.returncode == 0, f"{command[:3]} exited {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def timed(function):
    started = time.monotonic()
    function()
    return time.monotonic() - started


def document(key, chance):
    return {
        "id": key, "user": f"u{chance.randrange(50000)}", "ts": f"2026-11-{1 + chance.randrange(28):02}T12:00:00Z",
        "amount": chance.randrange(100000) / 4, "region": chance.choice(WORDS), "count": chance.randrange(1000),
        "tags": [chance.choice(WORDS) for _ in range(3)], "note": " ".join(chance.choice(WORDS) for _ in range(12)),
    }


ROW_SCHEMA = {
    "type": "object", "required": ["id"],
    "properties": {
        "id": {"type": "integer"}, "user": {"type": "string"}, "ts": {"type": "string"}, "amount": {"type": "number"},
        "region": {"type": "string"}, "count": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}}, "note": {"type": "string"},
    },
}
SUM_SCHEMA = {
    "type": "object", "required": ["id", "n"],
    "properties": {"id": {"type": "integer"}, "n": {"type": "integer", "reduce": {"strategy": "sum"}}},
    "reduce": {"strategy": "merge"},
}
# id, five columns and the document: seven with the clock that weir adds are compared without it.
ROW_COLUMNS = ["id", "amount", "count", "region", "ts", "user"]


def catalog(folder, schema, columns, triggers=None):
    flow = {
        "collections": {"bench/rows": {"key": ["/id"], "schema": schema}},
        "materializations": {"bench/tables": {
            "endpoint": {"sqlite": {"path": "weir.db"}},
            "bindings": [{"resource": {"table": "t"}, "source": "bench/rows",
                          "fields": {"recommended": False, "require": {c: {} for c in columns if c != "id"}}}],
        }},
    }
    if triggers:
        flow["materializations"]["bench/tables"]["triggers"] = triggers
    with open(os.path.join(folder, "flow.json"), "w") as out:
        json.dump(flow, out)


class Weir:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def __call__(self, *arguments):
        return run([self.program, *arguments, "flow.json"], cwd=self.folder)

    def append(self, path):
        run([self.program, "append", "bench/rows", path, "flow.json"], cwd=self.folder)

    def reset(self):
        for name in (".weir", "weir.db", "weir.db-wal", "weir.db-shm"):
            path = os.path.join(self.folder, name)
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else (os.path.exists(path) and os.remove(path))

    def catch_up(self):
        self("run", "--until-caught-up", "--log", "error")


def rows_of(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return database.execute(sql).fetchall()


def without_meta(rows):
    out = []
    for *columns, text in rows:
        value = json.loads(text)
        value.pop("_meta", None)
        out.append((*columns, value))
    return out


def same_rows(ours, theirs, columns):
    sql = f"select {', '.join(chr(34) + c + chr(34) for c in columns)}, flow_document from t order by id"
    check(without_meta(rows_of(ours, sql)) == without_meta(rows_of(theirs, sql)), "the tables differ; no figure is printed")


def report(what, unit_count, ours, theirs, tool):
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"{what}: weir {unit_count / a:,.0f}/s (median of {len(ours)}, {min(ours):.2f}-{max(ours):.2f} s), "
          f"{tool} {unit_count / b:,.0f}/s ({min(theirs):.2f}-{max(theirs):.2f} s), results equal: ratio {b / a:.2f}")


def write_rows(folder, name, keys, seed):
    chance = random.Random(seed)
    with open(os.path.join(folder, name + ".jsonl"), "w") as lines, \
            open(os.path.join(folder, name + ".ascii"), "w") as ascii_file:
        for key in keys:
            value = document(key, chance)
            text = json.dumps(value, separators=(",", ":"))
            lines.write(text + "\n")
            ascii_file.write("\x1f".join([*(str(value[c]) for c in ROW_COLUMNS), text]) + "\x1e")


CREATE = ("create table t (id integer primary key, amount real, count integer, region text, ts text, user text, "
          "flow_document text)")


def backfill_and_update(options, update):
    folder = tempfile.mkdtemp(prefix="weir-bench-", dir=options.folder)
    weir = Weir(options.weir, folder)
    keys = list(range(options.rows))
    random.Random(1).shuffle(keys)
    print(f"writing {options.rows} documents", flush=True)
    write_rows(folder, "a", keys, 2)
    catalog(folder, ROW_SCHEMA, ROW_COLUMNS)
    weir.append("a.jsonl")
    if update:
        random.Random(3).shuffle(keys)
        write_rows(folder, "b", keys, 4)
    tool_db = os.path.join(folder, "tool.db")
    ours, theirs = [], []
    for turn in range(options.rounds + 1):
        weir.reset()
        for suffix in ("", "-journal"):
            if os.path.exists(tool_db + suffix):
                os.remove(tool_db + suffix)
        run(["sqlite3", tool_db, CREATE])

        def tool_fill():
            run(["sqlite3", tool_db, ".mode ascii", f".import {folder}/a.ascii t"])

        def tool_update():
            run(["sqlite3", tool_db, "create table s as select * from t limit 0", ".mode ascii",
                 f".import {folder}/b.ascii s",
                 "insert into t select * from s where true on conflict(id) do update set amount=excluded.amount, "
                 "count=excluded.count, region=excluded.region, ts=excluded.ts, user=excluded.user, "
                 "flow_document=excluded.flow_document"])
        a, b = timed(weir.catch_up), timed(tool_fill)
        if update:
            if turn == 0:
                shutil.copytree(os.path.join(folder, "journals"), os.path.join(folder, "journals-a"))
            weir.append("b.jsonl")
            a, b = timed(weir.catch_up), timed(tool_update)
        same_rows(os.path.join(folder, "weir.db"), tool_db, ROW_COLUMNS)
        if update:
            shutil.rmtree(os.path.join(folder, "journals"))
            shutil.copytree(os.path.join(folder, "journals-a"), os.path.join(folder, "journals"))
        if turn > 0:
            ours.append(a)
            theirs.append(b)
    report("update of every row" if update else "backfill", options.rows, ours, theirs,
           "sqlite3 .import + upsert" if update else "sqlite3 .import")
    shutil.rmtree(folder)


def sums(options):
    folder = tempfile.mkdtemp(prefix="weir-bench-", dir=options.folder)
    weir = Weir(options.weir, folder)
    chance = random.Random(5)
    print(f"writing {options.documents} documents of {options.keys} keys", flush=True)
    with open(os.path.join(folder, "s.jsonl"), "w") as lines, open(os.path.join(folder, "s.csv"), "w") as columns:
        for _ in range(options.documents):
            key, n = chance.randrange(options.keys), chance.randrange(1000)
            lines.write(json.dumps({"id": key, "n": n, "at": "2026-11-22T12:00:00Z", "who": chance.choice(WORDS)}) + "\n")
            columns.write(f"{key},{n}\n")
    catalog(folder, SUM_SCHEMA, ["n"])
    weir.append("s.jsonl")
    tool_db = os.path.join(folder, "tool.db")
    ours, theirs = [], []
    for turn in range(options.rounds + 1):
        weir.reset()
        if os.path.exists(tool_db):
            os.remove(tool_db)
        run(["sqlite3", tool_db, "create table t (id integer primary key, n integer)"])
        a = timed(weir.catch_up)
        b = timed(lambda: run(["sqlite3", tool_db, "create table s (id integer, n integer)", ".mode csv",
                               f".import {folder}/s.csv s",
                               "insert into t select id, sum(n) from s group by id on conflict(id) do update set n=n+excluded.n"]))
        sql = "select id, n from t order by id"
        check(rows_of(os.path.join(folder, "weir.db"), sql) == rows_of(tool_db, sql), "the tables differ; no figure is printed")
        if turn > 0:
            ours.append(a)
            theirs.append(b)
    report(f"sum into {options.keys} keys", options.documents, ours, theirs, "sqlite3 .import of two columns + grouped upsert")
    shutil.rmtree(folder)


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    arrivals = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.arrivals.append((time.time(), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def percentiles(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] * 1000, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000


def latency(options):
    folder = tempfile.mkdtemp(prefix="weir-bench-", dir=options.folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    catalog(folder, SUM_SCHEMA, ["n"], {"config": [{
        "name": "bench", "url": f"http://127.0.0.1:{port}/", "delivery": "background",
        "payloadTemplate": '{"ended":"{{ended_at}}","count":{{transactions.count}}}'}]})
    weir = Weir(options.weir, folder)
    task = subprocess.Popen([options.weir, "run", "--log", "error", "flow.json"], cwd=folder)
    database = sqlite3.connect(os.path.join(folder, "plain.db"))
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table t (id integer primary key, n integer)")
    plain = http.client.HTTPConnection("127.0.0.1", port)
    ours, theirs = [], []
    for i in range(options.transactions + 20):
        with open(os.path.join(folder, "one.jsonl"), "w") as out:
            out.write(json.dumps({"id": i, "n": 1}) + "\n")
        before = len(Receiver.arrivals)
        weir.append("one.jsonl")
        deadline = time.monotonic() + 30
        while len(Receiver.arrivals) == before:
            check(time.monotonic() < deadline and task.poll() is None, "no request arrived")
            time.sleep(0.0005)
        at, body = Receiver.arrivals[-1]
        said = json.loads(body)
        ended = datetime.fromisoformat(said["ended"].replace("Z", "+00:00")).timestamp()
        stored = time.time()
        with database:
            database.execute("insert into t values (?, 1)", (i,))
        count = len(Receiver.arrivals)
        plain.request("POST", "/", body=b"{}")
        plain.getresponse().read()
        if i >= 20:  # the first are a warm-up
            ours.append(at - ended)
            theirs.append(Receiver.arrivals[count][0] - stored)
    task.terminate()
    task.wait()
    want = [(i, 1) for i in range(options.transactions + 20)]
    check(rows_of(os.path.join(folder, "weir.db"), "select id, n from t order by id") == want, "rows differ; no figure is printed")
    (a50, a99), (b50, b99) = percentiles(ours), percentiles(theirs)
    print(f"last row stored -> request received, {len(ours)} transactions one at a time, commit included: weir p50 {a50:.2f} ms "
          f"p99 {a99:.2f} ms; one-row commit and POST by hand p50 {b50:.2f} ms p99 {b99:.2f} ms: ratio of medians {a50 / b50:.2f}")
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["backfill", "update", "sum", "latency"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=2_000_000)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--transactions", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where files are written; default the temporary folder")
    parser.add_argument("--weir", default=os.path.join(os.path.dirname(__file__), "..", "build", "release", "weir"))
    options = parser.parse_args()
    options.weir = os.path.abspath(options.weir)
    check(os.path.exists(options.weir), f"{options.weir} is missing; scripts/build makes it")
    if options.what == "sum":
        sums(options)
    elif options.what == "latency":
        latency(options)
    else:
        backfill_and_update(options, options.what == "update")


if __name__ == "__main__":
    main()
