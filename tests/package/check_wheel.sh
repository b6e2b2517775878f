#!/usr/bin/env bash
# Makes the Python package of a build, installs it into a fresh environment, in which only torch, NumPy, pytest, Pillow and
# what they need are visible besides, and runs its tests there. Forger itself is not compiled again.
# Usage: check_wheel.sh BUILD_FOLDER PYTHON
set -euo pipefail
build=$(realpath "$1") python=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
CMAKE_PREFIX_PATH="$work/prefix" "$python" -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps \
  --no-index --wheel-dir "$work" "$source/python"
rm -rf "$work/prefix"  # an installed wheel needs nothing else of Forger

"$python" -m venv "$work/venv"
# Packages, not folders of packages: what else the environment of set-up holds is not there.
"$python" - "$("$work/venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')" <<'PYTHON'
import importlib.metadata, pathlib, re, sys
wanted, done = ["torch", "numpy", "pytest", "pillow"], set()
while wanted:
    name = wanted.pop()
    if name in done:
        continue
    done.add(name)
    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        continue  # asked for on other systems only
    wanted += [re.match(r"[\w.-]+", needed).group() for needed in package.requires or [] if "extra ==" not in needed]
    for top in {file.parts[0] for file in package.files if file.parts[0] not in ("..", "__pycache__")}:
        link = pathlib.Path(sys.argv[1], top)
        if not link.exists():
            link.symlink_to(package.locate_file(top))
PYTHON
env -u PYTHONPATH "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index "$work"/forger-*.whl
cd "$work"
env -u PYTHONPATH -u LD_LIBRARY_PATH FORGER_PROGRAM="$build/forger" "$work/venv/bin/python" -m pytest -q -p no:cacheprovider "$source/python/tests"
