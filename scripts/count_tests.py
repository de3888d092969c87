#!/usr/bin/env python3
"""Adds up the cases of all test programs and prints `N passed, N failed, N skipped` as the last line.

Each argument is a folder with `ctest.xml` (ctest's report, one entry per program) and `gtest/*.xml` (one report per
program). A program that failed without a failed case in its report, because it crashed, was killed or is no gtest
program, counts as one case of its own. Exits 1 if anything failed or nothing ran.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases_of_program(report):
    passed, failed, skipped = 0, [], []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f'{case.get("classname")}.{case.get("name")}'
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.get("status") == "notrun" or case.get("result") == "skipped":
            skipped.append(name)
        else:
            passed += 1
    return passed, failed, skipped


def count(folder):
    passed, failed, skipped = 0, [], []
    failing_programs, reported_programs = set(), set()
    for report in sorted((folder / "gtest").glob("*.xml")):
        program = report.stem
        reported_programs.add(program)
        try:
            more_passed, more_failed, more_skipped = cases_of_program(report)
        except ElementTree.ParseError:
            continue  # cut off: ctest's report tells that the program failed
        passed += more_passed
        failed += [f"{program}: {name}" for name in more_failed]
        skipped += [f"{program}: {name}" for name in more_skipped]
        if more_failed:
            failing_programs.add(program)
    for entry in ElementTree.parse(folder / "ctest.xml").getroot().iter("testcase"):
        program = f'weir_{entry.get("name")}_test'
        status = entry.get("status")
        if status == "fail" and program not in failing_programs:
            failed.append(f'{entry.get("name")}: the program itself failed')
        elif status == "run" and program not in reported_programs:
            passed += 1
        elif status in ("notrun", "disabled"):
            skipped.append(entry.get("name"))
    return passed, failed, skipped


def main():
    passed, failed, skipped = 0, [], []
    for folder in map(pathlib.Path, sys.argv[1:]):
        more_passed, more_failed, more_skipped = count(folder)
        passed += more_passed
        failed += more_failed
        skipped += more_skipped
    for name in skipped:
        print(f"skipped  {name}")
    for name in failed:
        print(f"FAILED   {name}")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
