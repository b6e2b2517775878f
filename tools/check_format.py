#!/usr/bin/env python3
"""Checks that every C++ file is formatted as .clang-format says; with --fix, formats those that are not. The formatter's
version is pinned in tools/setup.sh, because versions differ in what they hold for well formatted."""
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
clang_format = root / ".venv/bin/clang-format"
if not clang_format.exists():
    sys.exit(f"{clang_format} is missing, accepted: after `make setup`")
folders = ["include", "src", "python", "tests", "benchmarks", "examples", "fuzz"]
files = sorted(str(file.relative_to(root)) for folder in folders for file in (root / folder).rglob("*")
               if file.suffix in (".h", ".cpp"))
if "--fix" in sys.argv[1:]:
    subprocess.run([clang_format, "-i", *files], cwd=root, check=True)
    sys.exit()
wrong = subprocess.run([clang_format, "--dry-run", "--Werror", *files], cwd=root, capture_output=True, text=True)
bad = sorted({line.split(":")[0] for line in wrong.stderr.splitlines() if "clang-format-violations" in line})
if wrong.returncode and not bad:
    sys.exit(wrong.stderr)
print("\n".join(f"{file} is not formatted: tools/check_format.py --fix" for file in bad) or f"{len(files)} files are formatted")
sys.exit(1 if bad else 0)
