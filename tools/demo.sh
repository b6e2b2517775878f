#!/usr/bin/env bash
# Trains the default recipe for five minutes, draws a grid of samples, and says where everything is. Run again, it
# goes on where it was stopped, and trains nothing twice.
set -euo pipefail
cd "$(dirname "$0")/.."
forger=build/release/forger
run=runs/demo
data=/usr/share/datasets/fashion-mnist
if [ ! -d "$data" ]; then
  echo "demo: $data is not there (Debian's package dataset-fashion-mnist); training on drawn shapes instead"
  data=synthetic:shapes
fi

stopped=""
trap 'stopped=yes' INT TERM
if [ -f "$run/grid.png" ]; then
  echo "demo: $run is already trained; remove it to train it anew"
elif [ -e "$run/checkpoints/latest" ]; then
  echo "demo: going on with $run where it was stopped"
  "$forger" resume "$run"
else
  rm -rf "$run"   # without a checkpoint there is nothing in it to lose
  echo "demo: training on $data for five minutes"
  "$forger" train "$data" --minutes 5 --out "$run"
fi
if [ -n "$stopped" ]; then
  echo "demo: stopped; 'make demo' goes on from here"
  exit 130
fi
[ -f "$run/grid.png" ] || "$forger" sample "$run" --count 64 --out "$run/grid.png"

cat <<END

  $run/grid.png             64 new images by the trained generator
  $run/model.safetensors    the model: all that 'forger sample' needs
  $run/previews/            how the samples changed during training
  $run/steps.jsonl          every step's numbers

Try next:
  $forger judge $run --report page.html                         whether it worked, and a page about it
  $forger sample $run --count 8 --interpolate --out walk.png    a walk from image to image
  $forger resume $run --minutes 15                              train on, to 15 minutes in all
  $forger train FOLDER                                          train on your own images
  $forger recipes                                               other ways to train
END
