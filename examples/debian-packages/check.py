#!/usr/bin/env python3
"""Compares the tables with what the JSON lines come to when reduced by the few lines below.

    check.py FOLDER DATABASE
"""
import json
import pathlib
import sqlite3
import sys


def documents(folder, name):
    for path in sorted(folder.glob(f"{name}-*.jsonl"), key=lambda p: int(p.stem.split("-")[1])):
        with open(path, encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def main():
    folder, database = pathlib.Path(sys.argv[1]), sqlite3.connect(sys.argv[2])
    packages = {d["package"]: d["version"] for d in documents(folder, "packages")}
    sections = {}
    for d in documents(folder, "sections"):
        row = sections.setdefault(d["section"], [0, 0, 0, 0, 0])
        row[0] += d["packages"]
        row[1] += d["installed_kb"]
        row[2] += d["download_bytes"]
        row[3] = max(row[3], d["largest_download_bytes"])
        row[4] = max(row[4], d["most_depends"])
    table = dict(database.execute("SELECT package, version FROM packages"))
    rows = {row[0]: list(row[1:]) for row in database.execute(
        "SELECT section, packages, installed_kb, download_bytes, largest_download_bytes, most_depends FROM sections")}
    if table != packages or rows != sections:
        sys.exit("the tables differ from the plain reduction of the index")
    print(f"{len(table)} packages and {len(rows)} sections: equal to the plain reduction of the index")


if __name__ == "__main__":
    main()
