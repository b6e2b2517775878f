#!/usr/bin/env bash
# Runs each fuzz target for the given seconds. Seeds are read from fuzz/corpus/NAME; what is found stays in build/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-30}
for target in build/fuzz/fuzz/*_fuzz; do
  [ -x "$target" ] || { echo "fuzz: there is no target in build/fuzz/fuzz" >&2; exit 1; }
  name=$(basename "$target" _fuzz)
  found=build/fuzz/found/$name
  mkdir -p "$found" "fuzz/corpus/$name"
  echo "fuzz: $name for $seconds s"
  if ! "$target" -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=20 -artifact_prefix="$found-" \
      "$found" "fuzz/corpus/$name" >"$found.log" 2>&1; then
    tail -n 30 "$found.log" >&2
    echo "fuzz: $name failed; the input is $found-*, the whole output $found.log" >&2
    exit 1
  fi
  tail -n 1 "$found.log"
done
