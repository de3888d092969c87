#!/usr/bin/env python3
"""Turns a Debian package index (`apt-cache dumpavail`, or a Packages file) on standard input into JSON lines.

    apt-cache dumpavail | to_json.py FOLDER PARTS

writes FOLDER/packages-1.jsonl … packages-PARTS.jsonl, a document per record, and sections-1.jsonl … beside them, a
document per record that the sections table is reduced from.
"""
import json
import pathlib
import sys


def records(lines):
    """Paragraphs as dictionaries; the continuation lines of a field are dropped."""
    record = {}
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if record:
                yield record
            record = {}
        elif not line[0].isspace() and ":" in line:
            name, value = line.split(":", 1)
            record[name] = value.strip()
    if record:
        yield record


def package_of(record):
    depends = record.get("Depends", "")
    document = {
        "package": record["Package"],
        "version": record["Version"],
        "section": record.get("Section", "unknown"),
        "architecture": record.get("Architecture", "unknown"),
        "maintainer": record.get("Maintainer", ""),
        "summary": record.get("Description", record.get("Description-en", "")),
        "installed_kb": int(record.get("Installed-Size", 0)),
        "download_bytes": int(record.get("Size", 0)),
        "depends": len(depends.split(",")) if depends else 0,
    }
    if "Homepage" in record:
        document["homepage"] = record["Homepage"]
    return document


def section_of(package):
    return {
        "section": package["section"],
        "packages": 1,
        "installed_kb": package["installed_kb"],
        "download_bytes": package["download_bytes"],
        "largest_download_bytes": package["download_bytes"],
        "most_depends": package["depends"],
    }


def main():
    folder, parts = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    packages = [package_of(r) for r in records(sys.stdin) if "Package" in r and "Version" in r]
    size = -(-len(packages) // parts)
    for part in range(parts):
        slice_ = packages[part * size:(part + 1) * size]
        for name, make in (("packages", lambda p: p), ("sections", section_of)):
            with open(folder / f"{name}-{part + 1}.jsonl", "w", encoding="utf-8") as out:
                for package in slice_:
                    out.write(json.dumps(make(package), ensure_ascii=False) + "\n")
    print(len(packages))


if __name__ == "__main__":
    main()
