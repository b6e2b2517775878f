#!/usr/bin/env python3
"""Runs clang-tidy, with the checks of .clang-tidy, over src/ and include/. It reads a folder as the release build does: as
one file. So LibTorch's headers, which take nearly all of the time, are read once a folder."""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
clang_tidy, build = root / ".venv/bin/clang-tidy", root / "build/release"
if not clang_tidy.exists() or not (build / "compile_commands.json").exists():
    sys.exit(f"{clang_tidy} or {build}/compile_commands.json is missing, accepted: `make tidy`, which brings both")
entries = json.loads((build / "compile_commands.json").read_text())
files = [entry["file"] for entry in entries
         if re.search(r"/forger(_program)?\.dir/", entry["file"]) and "cmake_pch" not in entry["file"]]
#: What stands in the commands for GCC alone.
FOR_GCC = ["--extra-arg=-Wno-ignored-gch", "--extra-arg=-Wno-unknown-warning-option"]


def findings(file):
    """One line each, and all that clang-tidy printed where it could not read the file."""
    done = subprocess.run([clang_tidy, "-p", build, "--quiet", *FOR_GCC, file], capture_output=True, text=True)
    found = [line.removeprefix(f"{root}/") for line in done.stdout.splitlines() if re.search(r": (error|warning): ", line)]
    return found or ([done.stdout + done.stderr] if done.returncode else [])


said = set()
with concurrent.futures.ThreadPoolExecutor(int(sys.argv[1]) if len(sys.argv) > 1 else os.cpu_count()) as pool:
    for found in pool.map(findings, files):
        for line in found:
            if line not in said:  # a header's findings are found from each folder that includes it
                print(line, flush=True)
                said.add(line)
if not said:
    print(f"clang-tidy finds nothing in {len(files)} translation units")
sys.exit(1 if said else 0)
