"""Tiny models, trained through the package, and the program beside it."""
import os
import pathlib
import subprocess
import sys

import numpy
import pytest

import forger

PROGRAM = os.environ["FORGER_PROGRAM"]
SMALL = {"data.size": [16, 16], "generator.width": 8, "discriminator.width": 8, "training.batch_size": 8}

# Writers of models with random weights stand beside the tests of the commands.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/commands"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: known to the files that writers of models are taken from")


@pytest.fixture
def program():
    """What a call of the program, which must succeed, prints."""
    def done(*arguments):
        result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        assert result.returncode == 0, result.stderr
        return result.stdout
    done.path = PROGRAM
    return done


@pytest.fixture(scope="session")
def stripes(tmp_path_factory):
    """A folder of few images, so that what looks at all of them is soon done."""
    folder, numbers = tmp_path_factory.mktemp("stripes"), numpy.random.default_rng(0)
    for i in range(120):
        rows = (numpy.arange(16) + numbers.integers(4)) % 4 < 2
        image = numpy.where(rows[:, None], 190, 70) + numbers.normal(0, 6, (3, 16, 16))
        forger.save_image(folder / f"{i:03}.png", image.clip(0, 255).astype("uint8"))
    return folder


@pytest.fixture(scope="session")
def run(stripes, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "dcgan"
    result = forger.train(stripes, out, recipe="dcgan", steps=3, settings=SMALL)
    assert (result.end, result.step, result.run_folder) == ("finished", 3, out)
    return out


@pytest.fixture(scope="session")
def inspection(stripes, tmp_path_factory):
    """Tells striped images from others."""
    out = tmp_path_factory.mktemp("runs") / "detect"
    settings = {**SMALL, "encoder.width": 8, "data.held_out": 0.5}
    forger.train(stripes, out, recipe="detect", steps=5, settings=settings)
    return out


@pytest.fixture(scope="session")
def upscaler(tmp_path_factory):
    from test_upscale import write_model
    return write_model(tmp_path_factory.mktemp("models") / "two.safetensors")


@pytest.fixture(scope="session")
def translator(tmp_path_factory):
    from test_translate import write_unet
    return write_unet(tmp_path_factory.mktemp("models") / "unet.safetensors")
