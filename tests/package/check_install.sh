#!/usr/bin/env bash
# Installs a build into an empty prefix, builds the project in this folder against it, and runs both programs.
# Usage: check_install.sh BUILD_FOLDER VERSION
set -euo pipefail
build=$1 version=$2
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/prefix" >/dev/null
"$work/prefix/bin/forger" --version | tee /dev/stderr | grep -q "forger $version"
cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$work/build"
"$work/build/user"
mv "$work/prefix" "$work/moved"  # an installed folder can be moved
"$work/moved/bin/forger" --version
