#!/usr/bin/env bash
# Brings what the build, the tests and the demo need: system packages, LibTorch, a Python environment in .venv, and Node's
# packages in web/node_modules.
# Safe to repeat: what is there is left alone, and each thing it does is one line. `tools/setup.sh test` adds
# ffmpeg, for the tests of videos, Chromium, for those of the page, iproute2, for those of several machines, ONNX Runtime
# and OpenVINO, for those of exported models, and what makes the Python package, for its tests, `tools/setup.sh fuzz` Clang,
# `tools/setup.sh tidy` clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
log=build/setup.log

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }
# Runs a command with its output in the log; if it fails, shows the log's end and says what was not brought.
quietly() {
  local what=$1; shift
  "$@" >"$log" 2>&1 && return
  tail -n 5 "$log" >&2
  fail "could not $what; is this machine offline? The whole output is in $log."
}

required=(g++ cmake ninja-build pkg-config python3-venv libspng-dev libwebp-dev libjpeg-dev libarchive-dev zlib1g-dev
  nlohmann-json3-dev libsimdjson-dev libfmt-dev libcli11-dev libtomlplusplus-dev libcpp-httplib-dev libgloo-dev libgtest-dev libgmock-dev librapidcheck-dev)
helpful=(ccache mold doxygen dataset-fashion-mnist)   # faster builds, documentation, the demo's images
if [ "${1:-}" = test ]; then helpful+=(ffmpeg chromium python3-dev iproute2); fi
# They bundle the page of `forger watch`; another Node than Debian's does as well.
for tool in node npm; do command -v $tool >/dev/null || helpful+=("${tool/%node/nodejs}"); done
if [ "${1:-}" = fuzz ]; then required+=(clang-14 libclang-rt-14-dev); fi

missing_packages() {
  local installed name
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
  for name in "$@"; do
    case $installed in *" installed:$name "*) ;; *) printf '%s ' "$name" ;; esac
  done
}

install_packages() {
  local needed wanted root=()
  needed=$(missing_packages "${required[@]}")
  wanted=$(missing_packages "${helpful[@]}")
  [ -n "$needed$wanted" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
      root=(sudo)
    elif [ -z "$needed" ]; then
      say "going on without $wanted(no root and no sudo)"
      return 0
    else
      fail "missing packages: $needed- this needs root: apt-get install $needed$wanted"
    fi
  fi
  say "installing packages: $needed$wanted"
  quietly "refresh the package lists" "${root[@]}" apt-get update
  # The two lists arrive apart: a distribution that lacks a helpful package can still build.
  if [ -n "$needed" ]; then
    # shellcheck disable=SC2086
    quietly "install the packages $needed" "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends $needed
  fi
  for package in $wanted; do
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" \
      >"$log" 2>&1 || say "going on without $package, which could not be installed"
  done
}

# Other distributions have other package names: look for the things themselves and name what is not there.
check_without_apt() {
  local missing="" tool
  for tool in g++ cmake ninja pkg-config python3; do
    command -v "$tool" >/dev/null || missing+="$tool "
  done
  if command -v g++ >/dev/null; then
    missing+=$(for header in spng.h webp/decode.h jpeglib.h archive.h zlib.h nlohmann/json.hpp fmt/core.h CLI/CLI.hpp \
      toml++/toml.h httplib.h gtest/gtest.h gmock/gmock.h rapidcheck.h; do
      printf '#if !__has_include(<%s>)\n<%s>\n#endif\n' "$header" "$header"
    done | g++ -E -P -x c++ - | tr '\n' ' ')
  fi
  [ -z "$missing" ] || fail "no apt here; install what brings these, and run again: $missing" \
    "(Debian's names: ${required[*]})"
}

# The LibTorch that TORCH_DIR or CMAKE_PREFIX_PATH names, or nothing.
named_libtorch() {
  local folders=() folder
  IFS=':;' read -r -a folders <<<"${TORCH_DIR:-}:${CMAKE_PREFIX_PATH:-}"
  for folder in "${folders[@]}"; do
    if [ -n "$folder" ] && [ -f "$folder/share/cmake/Torch/TorchConfig.cmake" ]; then
      printf '%s' "$folder"
      return
    fi
  done
  [ -z "${TORCH_DIR:-}" ] || fail "TORCH_DIR=$TORCH_DIR holds no share/cmake/Torch/TorchConfig.cmake"
}

# The packages that are not in .venv yet, one a line.
missing_from_venv() {
  .venv/bin/python - "$@" <<'PYTHON'
import importlib.metadata, sys
for wanted in sys.argv[1:]:
    name, _, version = wanted.partition("==")
    try:
        found = importlib.metadata.version(name)
        if version and found.partition("+")[0] != version:
            print(wanted)
    except importlib.metadata.PackageNotFoundError:
        print(wanted)
PYTHON
}

# numpy, pytest, pillow, tensorboard and clang-format are for the tests; torch brings LibTorch, and is the benchmarks' peer.
# spandrel has the networks whose weights people exchange; what else it asks for (torchvision) these do not need.
install_python() {
  local wanted=(numpy pytest pillow tensorboard clang-format==19.1.7) alone=(spandrel==0.4.2 einops safetensors) missing
  [ -n "$1" ] || wanted+=(torch==2.13.0)
  if [ "$2" = tidy ]; then wanted+=(clang-tidy==19.1.0); fi
  if [ "$2" = test ]; then wanted+=(onnx==1.23.2 onnxruntime==1.32.0 openvino==2026.4.1 nanobind==3.1.0 scikit-build-core==1.1.2); fi
  if ! .venv/bin/python -c '' 2>/dev/null; then
    say "making the Python environment .venv"
    quietly "make .venv" python3 -m venv .venv
  fi
  missing=$(missing_from_venv "${wanted[@]}")
  if [ -n "$missing" ]; then
    say "installing into .venv:" $missing
    # shellcheck disable=SC2086
    quietly "install $(echo $missing) with pip" .venv/bin/python -m pip install --disable-pip-version-check $missing
  fi
  missing=$(missing_from_venv "${alone[@]}")
  if [ -n "$missing" ]; then
    say "installing into .venv:" $missing
    # shellcheck disable=SC2086
    quietly "install $(echo $missing) with pip" .venv/bin/python -m pip install --disable-pip-version-check --no-deps $missing
  fi
}

# What bundles the page of `forger watch`; without it the program works, and its page says what is missing.
install_node_packages() {
  local kept=web/node_modules/.package-lock.json
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say "going on without Node: the page of forger watch is left out"
  elif [ ! -f $kept ] || [ web/package-lock.json -nt $kept ]; then
    say "installing into web/node_modules:" "$(sed -nE 's/^    "([^"]+)": "([0-9.]+)",?$/\1 \2/p' web/package.json | paste -sd, | sed 's/,/, /g')"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 && touch $kept ||
      say "going on without them, which could not be installed: the page of forger watch is left out"
  fi
}

if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then install_packages; else check_without_apt; fi
libtorch=$(named_libtorch)
install_python "$libtorch" "${1:-}"
install_node_packages
say "ready, with LibTorch from ${libtorch:-.venv (torch 2.13.0)}"
