"""`forger train` of upscalers with what users bring, as a person runs it."""
import math

import numpy
import pytest
from safetensors.numpy import load_file, save_file

from program import refused_in_one_line, run
from test_upscale import picture

SMALL = ("--recipe", "srgan", "--quiet", "--set", "data.size=[32,32]", "--set", "upscaler.features=4", "--set", "upscaler.blocks=1",
         "--set", "upscaler.scale=2", "--set", "discriminator.width=4", "--set", "training.batch_size=2", "--set",
         "super_resolution.pixel_phase=0", "--set", "training.warmup_steps=0", "--set", "referee.mode=off")


@pytest.fixture
def place(tmp_path):
    (tmp_path / "high").mkdir()
    (tmp_path / "low").mkdir()
    for seed in range(4):
        high = picture(48, 48, seed=seed)
        high.save(tmp_path / f"high/{seed}.png")
        high.resize((24, 24)).save(tmp_path / f"low/{seed}x2.png")
    weights, channels, numbers = {}, 3, numpy.random.default_rng(1)
    for layer in (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34):
        weights[f"features.{layer}.weight"] = numbers.normal(0, math.sqrt(2 / 9 / channels), (4, channels, 3, 3)).astype("float32")
        weights[f"features.{layer}.bias"] = numpy.zeros(4, "float32")
        channels = 4
    save_file(weights, tmp_path / "vgg19.safetensors")
    save_file({**weights, "features.36.weight": weights["features.34.weight"]}, tmp_path / "longer.safetensors")
    return tmp_path


def test_small_images_and_weights_of_the_user_are_found_from_any_folder(place):
    begun = run("train", "high", *SMALL, "--steps", 1, "--out", "run", "--set", "degradation.low=low", "--set",
                "super_resolution.perceptual_weights=vgg19.safetensors", cwd=place)
    assert begun.returncode == 0, begun.stderr
    config = (place / "run/config.toml").read_text()
    assert f'low = "{place}/low"' in config and f'perceptual_weights = "{place}/vgg19.safetensors"' in config
    (place / "elsewhere").mkdir()
    resumed = run("resume", place / "run", "--quiet", "--set", "training.steps=2", cwd=place / "elsewhere")
    assert resumed.returncode == 0, resumed.stderr
    assert '"features":' in (place / "run/steps.jsonl").read_text()


@pytest.mark.slow
def test_a_run_is_judged_without_the_weights_that_trained_it(place):
    for seed in range(4, 300):
        picture(48, 48, seed=seed).save(place / f"high/{seed}.png")
    begun = run("train", "high", *SMALL, "--steps", 2, "--out", "run", "--set",
                "super_resolution.perceptual_weights=vgg19.safetensors", cwd=place)
    assert begun.returncode == 0, begun.stderr
    (place / "vgg19.safetensors").unlink()
    message = refused_in_one_line("resume", place / "run", "--quiet", "--set", "training.steps=3")
    assert "vgg19.safetensors" in message
    judged = run("judge", place / "run")
    assert judged.returncode in (0, 1), judged.stderr
    assert "distance to the data" in judged.stdout


def test_files_that_changed_before_a_run_goes_on_are_noticed(place):
    weights = "super_resolution.perceptual_weights=vgg19.safetensors"
    begun = run("train", "high", *SMALL, "--steps", 1, "--out", "run", "--set", "degradation.low=low", "--set", weights, cwd=place)
    assert begun.returncode == 0, begun.stderr
    untouched = (place / "run/data.json").read_bytes()
    tensors = load_file(place / "vgg19.safetensors")
    save_file({name: tensor * 2 for name, tensor in tensors.items()}, place / "vgg19.safetensors")
    message = refused_in_one_line("resume", place / "run", "--quiet", "--set", "training.steps=2")
    assert f'super_resolution.perceptual_weights: received "{place}/vgg19.safetensors" with checksum' in message
    assert (place / "run/data.json").read_bytes() == untouched

    (place / "low/0x2.png").unlink()
    picture(24, 24, seed=9).save(place / "low/0.png")
    resumed = run("resume", "run", "--set", "training.steps=2", "--set", weights, cwd=place)
    assert resumed.returncode == 0, resumed.stderr
    assert "other images to make them from, or files of other sizes" in resumed.stdout
    assert run("resume", place / "run", "--quiet", "--set", "training.steps=3").returncode == 0


def test_weights_that_are_not_understood_are_refused_before_anything_is_written(place):
    weights = ("--set", f"super_resolution.perceptual_weights={place}/longer.safetensors")
    message = refused_in_one_line("train", place / "high", *SMALL, "--steps", 1, "--out", place / "run", *weights)
    assert "super_resolution.perceptual_weights:" in message and "not understood: features.36.weight" in message
    message = refused_in_one_line("train", place / "high", *SMALL, "--steps", 1, "--out", place / "run", *weights, "--set",
                                  "super_resolution.features=0")
    assert "accepted: super_resolution.features above 0" in message
    message = refused_in_one_line("train", place / "high", *SMALL, "--steps", 1, "--out", place / "run", "--set",
                                  "super_resolution.perceptual_weights=none.pth")
    assert "none.pth" in message and not (place / "run").exists()
