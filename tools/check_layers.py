#!/usr/bin/env python3
"""Checks that every folder of src/ includes only folders above it in the list of CMakeLists.txt, and that nothing prints or
writes past the two places that check it: commands/output.h and core/files.h."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
order = re.search(r"set\(FORGER_FOLDERS ([a-z ]+)\)", (root / "CMakeLists.txt").read_text()).group(1).split()
order.append("commands")
#: A print that nobody checks; a file that is told of its failures by nobody.
UNCHECKED = re.compile(r"fmt::print|std::cout|std::cerr|\bprintf\(|\bfprintf\(|\bputs\(|std::ofstream|std::fstream")
bad = []
for file in sorted((root / "src").rglob("*")):
    if file.suffix not in (".h", ".cpp"):
        continue
    for unchecked in sorted(set(UNCHECKED.findall(file.read_text()))):
        bad.append(f"{file.relative_to(root)} uses {unchecked}, accepted: commands/output.h to print, core/files.h to write")
    if file.parent == root / "src":
        continue
    folder = file.relative_to(root / "src").parts[0]
    if folder not in order:
        bad.append(f"{file.relative_to(root)}: folder {folder} is not in FORGER_FOLDERS")
        continue
    for included in re.findall(r'^#include "([a-z]+)/', file.read_text(), re.M):
        if included in order and order.index(included) > order.index(folder):
            bad.append(f"{file.relative_to(root)} includes {included}/, which stands below {folder}/")
print("\n".join(bad) or f"folders include in order: {' > '.join(order)}")
sys.exit(1 if bad else 0)
