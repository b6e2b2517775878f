#!/usr/bin/env python3
"""Checks that every folder of src/ includes only folders above it in the list of CMakeLists.txt."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
order = re.search(r"set\(FORGER_FOLDERS ([a-z ]+)\)", (root / "CMakeLists.txt").read_text()).group(1).split()
order.append("commands")
bad = []
for file in sorted((root / "src").rglob("*")):
    if file.suffix not in (".h", ".cpp") or file.parent == root / "src":
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
