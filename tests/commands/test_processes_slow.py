"""Every game by several processes: the same weights as by one; and trainings that torchrun starts again."""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy
import pytest
from PIL import Image

from processes import apart, ranks
from program import PROGRAM, done
from test_processes import POINTS, signalled_one_ends_all

STEPS = 50
#: How often a process is killed; each time costs some seconds.
KILLS = int(os.environ.get("FORGER_KILLS", 3))
#: At their usual rates trainings grow what rounding leaves a hundredfold in some steps; two threads in place of one are then as
#: far apart as two processes are. At this rate they do not.
RATE = "learning_rate=3e-6"
SMALL = ("data.size=[16,16]", "training.batch_size=8", "discriminator.width=8", f"discriminator.{RATE}")
GENERATION = (*SMALL, "generator.width=8", f"generator.{RATE}")
ENCODER = ("encoder.width=8", f"encoder.{RATE}")
TRANSLATION = (*SMALL, "discriminator.depth=2", "translator.width=4", "translator.max_width=8", f"translator.{RATE}")
GAMES = {
    "gan": GENERATION,
    "fast": GENERATION,
    "wgan-gp": GENERATION,
    "r3gan": GENERATION,
    "alpha-gan": (*GENERATION, *ENCODER),
    "vae": (*SMALL[:2], "generator.width=8", f"generator.{RATE}", *ENCODER),
    "detect": (*GENERATION, *ENCODER, "pixel_discriminator.width=4", "detector.normals=8"),
    "pix2pix": (*TRANSLATION, "data.size=[32,32]", "pairs.source=edges"),
    "cyclegan": (*TRANSLATION, "training.batch_size=4", "pairs.source=tone", "cycle.pool=10"),
    "cut": (*TRANSLATION, "training.batch_size=4", "pairs.source=tone"),
    "srgan": (*SMALL, f"upscaler.{RATE}", "upscaler.features=4", "upscaler.blocks=1", "upscaler.scale=2",
              "super_resolution.pixel_phase=0", "training.warmup_steps=0"),
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    numbers = numpy.random.default_rng(1)
    for i in range(200):
        coarse = Image.fromarray(numbers.integers(0, 256, (5, 5, 3), "uint8"))
        coarse.resize((32, 32), Image.BICUBIC).save(folder / f"{i:03}.png")
    return folder


def trained(images, folder, recipe, settings, processes):
    arguments = [argument for setting in settings for argument in ("--set", setting)]
    done("train", images, "--recipe", recipe, "--steps", STEPS, "--quiet", "--set", "training.precision=float32", "--set",
         "referee.mode=off", "--set", "training.threads=1", *arguments, "--out", folder, "--processes", processes)
    return folder


@pytest.mark.parametrize("recipe", GAMES)
def test_several_processes_compute_what_one_computes(images, recipe, tmp_path):
    one = trained(images, tmp_path / "1", recipe, GAMES[recipe], 1)
    for processes in (2, 4):
        assert apart(one, trained(images, tmp_path / str(processes), recipe, GAMES[recipe], processes)) < 1e-4


def test_eight_processes_and_parts_of_a_batch(images, tmp_path):
    settings = (*GENERATION, "training.batch_size=32", "training.accumulate=2")
    one = trained(images, tmp_path / "1", "fast", settings, 1)
    assert apart(one, trained(images, tmp_path / "8", "fast", settings, 8)) < 1e-4


def test_one_that_hangs_ends_all_with_one_line(tmp_path):
    signalled_one_ends_all(tmp_path, 1, signal.SIGSTOP, "does not answer any more")


def test_a_training_is_mended_by_all(tmp_path):
    # A discriminator of rate 1 blows up; mending takes other settings, which all have to take.
    done("train", "synthetic:ring8", "--steps", 2000, "--quiet", "--mend", "--out", tmp_path / "run", "--processes", 2,
         "--set", "discriminator.learning_rate=1", "--set", "generator.learning_rate=1", "--set", "training.max_bad_steps=2",
         "--set", "objective.name=wasserstein", "--set", "objective.r1=0", "--set", "referee.every_steps=200")
    log = (tmp_path / "run/log.txt").read_text()
    assert "mending, attempt 1" in log, log


def test_a_training_that_torchrun_starts_again_ends_as_if_nobody_had_been_killed(tmp_path):
    torchrun = pathlib.Path(sys.executable).with_name("torchrun")
    arguments = ("--steps", 300 * (KILLS + 4), "--set", "training.checkpoint_steps=100", "--set", "training.process_timeout=10")
    done(*POINTS, *arguments, "--out", tmp_path / "whole", "--processes", 2)
    process = subprocess.Popen(
        [torchrun, "--no-python", "--nproc-per-node", "2", "--max-restarts", str(KILLS + 2), "--monitor-interval", "0.1", PROGRAM, *map(str, POINTS),
         *map(str, arguments), "--out", tmp_path / "killed"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    steps, killed, end = tmp_path / "killed/steps.jsonl", 0, time.monotonic() + 80 * KILLS
    numbers = random.Random(3)
    while process.poll() is None and killed < KILLS:
        assert time.monotonic() < end
        time.sleep(0.05)
        found = ranks(process)
        if len(found) < 2 or not steps.exists() or len(steps.read_text().splitlines()) * 10 < 300 * (killed + 1):
            continue
        time.sleep(0.3 * numbers.random())
        subprocess.run(["kill", f"-{signal.SIGKILL.value}", str(found[numbers.randrange(2)])], check=False)
        killed += 1
        while process.poll() is None and set(ranks(process).values()) & set(found.values()):
            time.sleep(0.05)
    output, _ = process.communicate(timeout=80 * KILLS)
    assert process.returncode == 0, output
    assert killed == KILLS
    assert apart(tmp_path / "whole", tmp_path / "killed") == 0
