"""`forger train` of translators without pairs, and their models, as a person runs it."""
import json

import pytest
from PIL import Image

from program import done, refused_in_one_line, run
from test_upscale import picture

SMALL = ("--quiet", "--set", "data.size=[16,24]", "--set", "translator.width=4", "--set", "translator.blocks=2", "--set",
         "discriminator.width=4", "--set", "discriminator.depth=1", "--set", "training.batch_size=2", "--set",
         "training.schedule=constant", "--set", "referee.mode=off", "--set", "data.held_out=0.25", "--set", "training.threads=1", "--set",
         "training.tensorboard=false")


@pytest.fixture
def place(tmp_path):
    for side, count in (("A", 8), ("B", 6)):
        (tmp_path / f"sides/train{side}").mkdir(parents=True)
        for seed in range(count):
            image = picture(16, 24, seed=10 * count + seed)
            (image.convert("L") if side == "A" else image).save(tmp_path / f"sides/train{side}/{side}{seed}.png")
    return tmp_path


def losses(folder):
    return [json.loads(line)["losses"] for line in (folder / "steps.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_a_resumed_training_is_the_one_that_was_not_stopped(place):
    pool = ("--set", "cycle.pool=3")
    for name, steps in (("whole", 4), ("parts", 2)):
        done("train", place / "sides", *SMALL, *pool, "--steps", steps, "--out", place / name)  # cyclegan by its folders
    done("resume", place / "parts", "--quiet", "--steps", 4)
    assert losses(place / "whole") == losses(place / "parts")
    assert {"generator", "generator-back", "discriminator", "discriminator-back", "way_back"} == set(losses(place / "whole")[0])
    preview = Image.open(sorted((place / "whole/previews").glob("*.png"))[-1])
    assert preview.mode == "RGB"  # grey and colours
    message = refused_in_one_line("resume", place / "parts", "--steps", 5, "--set", "cycle.pool=4")
    assert "cycle.pool: received 4, accepted: 3" in message


def test_one_model_goes_both_ways(place):
    done("train", place / "sides", *SMALL, "--steps", 2, "--out", place / "run")
    info = json.loads(done("info", place / "run/model.safetensors", "--json"))
    assert info["directions"] == ["a2b", "b2a"]
    done("translate", place / "run", place / "sides/trainA", "--out", place / "b")
    done("translate", place / "run", place / "sides/trainB", "--out", place / "a", "--direction", "b2a")
    assert Image.open(place / "b/A0.png").mode == "RGB" and Image.open(place / "a/B0.png").mode == "L"
    assert len(list((place / "b").iterdir())) == 8 and len(list((place / "a").iterdir())) == 6


def test_cut_goes_one_way(place):
    done("train", place / "sides", "--recipe", "cut", *SMALL, "--steps", 2, "--out", place / "run", "--set", "pairs.direction=b2a", "--set",
         "data.channels=3", "--set", "pairs.channels=3", "--set", "contrast.places=16", "--set", "contrast.width=8")
    assert set(losses(place / "run")[0]) == {"generator", "discriminator", "contrast", "identity"}
    message = refused_in_one_line("translate", place / "run", place / "sides/trainA", "--out", place / "made", "--direction", "a2b")
    assert "--direction: received a2b" in message and "accepted: b2a" in message and not (place / "made").exists()
    message = refused_in_one_line("train", place / "sides", "--recipe", "cut", *SMALL, "--steps", 1, "--out", place / "other")
    assert "accepted: as many on both sides" in message and not (place / "other").exists()


def test_a_truth_that_was_not_shown_is_measured(place):
    done("train", place / "sides/trainB", "--recipe", "cyclegan", *SMALL, "--steps", 1, "--out", place / "run", "--set", "pairs.source=tone")
    for direction in ("a2b", "b2a"):
        answer = json.loads(done("evaluate", place / "run", place / "sides/trainB", "--metrics", "psnr", "--direction", direction, "--json"))
        assert [measure["name"] for measure in answer["measures"]] == ["psnr", "psnr of the sources"]


def test_an_empty_side_is_refused_before_anything_is_written(place):
    text = run("data", "check", place / "sides").stdout
    assert "Sides of translation: 8 images in trainA, 6 in trainB" in text
    for file in (place / "sides/trainB").iterdir():
        file.unlink()
    message = refused_in_one_line("train", place / "sides", *SMALL, "--steps", 1, "--out", place / "run")
    assert "holds images in trainA and none in trainB" in message and not (place / "run").exists()
