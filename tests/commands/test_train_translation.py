"""`forger train` of translators on pairs, and their measures, as a person runs it."""
import json

import numpy
import pytest
from PIL import Image

from program import done, refused_in_one_line, run
from test_upscale import picture

SMALL = ("--recipe", "pix2pix", "--quiet", "--set", "data.size=[16,24]", "--set", "translator.width=4", "--set", "translator.depth=3",
         "--set", "translator.dropout_levels=1", "--set", "discriminator.width=4", "--set", "discriminator.depth=1", "--set",
         "training.batch_size=2", "--set", "training.schedule=constant", "--set", "referee.mode=off", "--set", "data.held_out=0.25")


@pytest.fixture
def place(tmp_path):
    for side in "AB":
        (tmp_path / "pairs" / side).mkdir(parents=True)
    for seed in range(8):
        high = picture(16, 24, seed=seed)
        high.save(tmp_path / f"pairs/B/{seed}.png")
        high.convert("L").save(tmp_path / f"pairs/A/{seed}.png")
    return tmp_path


def measured(*arguments):
    answer = json.loads(done("evaluate", *arguments, "--json"))
    return answer, {measure["name"]: measure for measure in answer["measures"]}


def test_a_resumed_training_is_the_one_that_was_not_stopped(place):
    for name, steps in (("whole", 4), ("parts", 2)):
        done("train", place / "pairs", *SMALL, "--steps", steps, "--out", place / name)
    done("resume", place / "parts", "--quiet", "--steps", 4)
    steps = [[json.loads(line)["losses"] for line in (place / name / "steps.jsonl").read_text().splitlines()] for name in ("whole", "parts")]
    assert steps[0] == steps[1] and set(steps[0][0]) == {"discriminator", "generator", "pixels"}
    preview = Image.open(sorted((place / "whole/previews").glob("*.png"))[-1])
    assert preview.mode == "RGB"  # grey sources beside colours


@pytest.mark.slow
def test_what_is_made_is_measured_beside_the_sources(place):
    done("train", place / "pairs", *SMALL, "--steps", 2, "--out", place / "run", "--set", "translator.dropout=0")
    answer, found = measured(place / "run", place / "pairs", "--metrics", "l1,psnr,ssim")
    assert answer["images"] == 8 and list(found) == ["l1", "psnr", "ssim"]  # grey stands in no place of colours
    assert "those of the same names in A" in answer["pairs"] and "16x24 (crop)" in answer["pairs"]
    done("translate", place / "run", place / "pairs/A", "--out", place / "made")
    wanted = [abs(numpy.asarray(Image.open(place / f"made/{i}.png")).astype(float) -
                  numpy.asarray(Image.open(place / f"pairs/B/{i}.png"))).mean() / 127.5 for i in range(8)]
    assert found["l1"]["value"] == pytest.approx(numpy.mean(wanted), rel=1e-4)
    assert "in [-1, 1]" in found["l1"]["definition"]
    message = refused_in_one_line("evaluate", place / "run", place / "pairs", "--metrics", "l1", "--direction", "b2a")
    assert "--direction: received b2a, accepted: a2b" in message
    assert "accepted with a model of super-resolution" in refused_in_one_line(
        "evaluate", place / "run", place / "pairs", "--metrics", "l1", "--low", place / "pairs")


def test_all_that_is_made_is_measured_beside_all_images_of_that_kind(place):
    done("train", place / "pairs/B", *SMALL, "--steps", 1, "--out", place / "run", "--set", "pairs.source=blur", "--set", "translator.dropout=0")
    for i in range(8, 20):
        picture(i, 24).save(place / f"pairs/B/{i}.png")
    answer, found = measured(place / "run", place / "pairs/B", "--metrics", "fid,l1,kid")
    assert answer["images"] == 20 and {"fid", "fid of the sources", "kid", "kid of the sources", "l1"} <= set(found)
    assert found["fid"]["value"] > found["fid of the sources"]["value"] > 0  # one step has learnt nothing, blurred is near
    assert "20 truths" in found["fid"]["definition"] and "learnt from these" in found["fid"]["definition"]
    few = run("evaluate", place / "run", place / "pairs/B", "--metrics", "l1,fid", "--count", 9)
    assert few.returncode == 3 and "not measured: fid: 9 images are too few to learn features from, accepted: 16 or more" in few.stderr
    message = refused_in_one_line("evaluate", place / "run", place / "pairs/B", "--metrics", "fid,vendi")
    assert "one of the two kinds in a call" in message


def test_sources_made_of_images_are_made_again_when_measured(place):
    done("train", place / "pairs/B", *SMALL, "--steps", 1, "--out", place / "run", "--set", "pairs.source=blur", "--set", "pairs.blur=1")
    answer, found = measured(place / "run", place / "pairs/B", "--metrics", "psnr", "--count", 3)
    assert list(found) == ["psnr", "psnr of the sources"] and "made of the images (blur)" in answer["pairs"]
    assert found["psnr of the sources"]["value"] > found["psnr"]["value"]


def test_what_is_no_pair_is_refused_before_anything_is_written(place):
    (place / "pairs/A/3.png").unlink()
    text = run("data", "check", place / "pairs").stdout
    assert "Pairs of equal names in two folders: 7; training on pairs would refuse this set" in text and "  B/3.png" in text
    message = refused_in_one_line("train", place / "pairs", *SMALL, "--steps", 1, "--out", place / "run")
    assert "1 of 15 images in A and B have no partner of the same name: B/3.png" in message and not (place / "run").exists()
    picture(17, 24).save(place / "pairs/A/3.png")
    message = refused_in_one_line("train", place / "pairs", *SMALL, "--steps", 1, "--out", place / "run")
    assert "1 of 8 pairs differ in size" in message and not (place / "run").exists()
    assert '"of_different_sizes": [' in run("data", "check", place / "pairs", "--json").stdout
