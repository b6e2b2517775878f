#!/usr/bin/env python3
"""Checks that every header compiles alone, so that it includes what it needs, with the flags of a build folder. LibTorch's
headers are compiled ahead, for those headers alone that include them: none is given what it does not ask for itself."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
#: Compiled ahead, the one that takes longest first; it brings the other.
AHEAD = ["torch/nn/module.h", "ATen/core/Tensor.h"]


def flags(target, commands):
    """The compiler and what it compiles a target's files with, except the precompiled header."""
    words = shlex.split(next(command for command in commands if f"/{target}.dir/" in command))
    kept = [words[0]]
    for word, following in zip(words[1:], words[2:]):
        if word == "-isystem":
            kept += [word, following]
        elif re.match(r"-(I|D|W(?!invalid-pch)|std=|f)", word):
            kept.append(word)
    return kept


def included(header, folders, names):
    """The names of all that a header includes, itself or through our headers."""
    for quote, name in re.findall(r'^#include ([<"])([^>"]+)', header.read_text(), re.M):
        if name not in names:
            names.add(name)
            for ours in [folder / name for folder in folders if quote == '"' and (folder / name).exists()][:1]:
                included(ours, folders, names)
    return names


def compile_ahead(name, compiler, work):
    """A header that stands for one of LibTorch's, with its compiled form beside it."""
    header = work / name.replace("/", "_")
    header.write_text(f"#include <{name}>\n")
    subprocess.run([*compiler, "-x", "c++-header", header, "-o", f"{header}.gch"], check=True)
    return header


def first_error(header, compiler, ahead):
    """What the compiler says of a header alone, or nothing."""
    folders = [pathlib.Path(word[2:]) for word in compiler if word.startswith("-I")]
    names = included(header, folders, set())
    first = next((["-include", ahead[name]] for name in AHEAD if name in names), [])
    done = subprocess.run([*compiler, *first, "-include", header, "-fsyntax-only", "-x", "c++", "/dev/null"],
                          capture_output=True, text=True)
    if done.returncode:
        return next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr)


if len(sys.argv) != 2 or not (pathlib.Path(sys.argv[1]) / "compile_commands.json").exists():
    sys.exit("usage: check_headers.py BUILD, accepted: a build folder with the tests, such as build/release")
entries = json.loads((pathlib.Path(sys.argv[1]) / "compile_commands.json").read_text())
compiler = flags("core_test", [entry["command"] for entry in entries])
headers = sorted(file for folder in ["include", "src", "tests"] for file in (root / folder).rglob("*.h"))
with tempfile.TemporaryDirectory(dir=sys.argv[1]) as work, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    ahead = dict(zip(AHEAD, pool.map(lambda name: compile_ahead(name, compiler, pathlib.Path(work).resolve()), AHEAD)))
    errors = list(pool.map(lambda header: first_error(header, compiler, ahead), headers))
bad = [f"{header.relative_to(root)} does not compile alone: {error}" for header, error in zip(headers, errors) if error]
print("\n".join(bad) or f"{len(headers)} headers compile alone")
sys.exit(1 if bad else 0)
