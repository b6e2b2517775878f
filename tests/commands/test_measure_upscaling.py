"""`forger evaluate` of upscalers, as a person runs it."""
import json
import os
import pathlib
import sys

import numpy
import pytest
from PIL import Image, ImageFilter

from program import done, refused_in_one_line, run
from test_upscale import picture, write_model

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(os.environ["FORGER_SOURCE"]) / "tests/metrics/golden"))
import make_likeness  # noqa: E402


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model") / "two.safetensors")


@pytest.fixture
def pairs(tmp_path):
    """Pictures, and small images of them that nobody here made: without their last odd row, and noisy."""
    (tmp_path / "high").mkdir()
    (tmp_path / "low").mkdir()
    for name, height, width in (("a", 41, 62), ("b", 50, 33)):
        high = picture(height, width, seed=ord(name))
        high.save(tmp_path / f"high/{name}.png")
        noise = numpy.random.default_rng(5).integers(-9, 10, (height // 2, width // 2, 3))
        low = numpy.asarray(high.resize((width // 2, height // 2), Image.BICUBIC)).astype(int) + noise
        Image.fromarray(low.clip(0, 255).astype("uint8")).save(tmp_path / f"low/{name}{'x2' if name == 'b' else ''}.png")
    return tmp_path


def measured(*arguments):
    answer = json.loads(done("evaluate", *arguments, "--json"))
    return answer, {measure["name"]: measure for measure in answer["measures"]}


def test_measures_are_those_of_the_published_definitions(model, pairs):
    answer, found = measured(model, pairs / "high", "--low", pairs / "low", "--metrics", "psnr,ssim,psnr-y,ssim-y")
    assert answer["images"] == 2 and answer["small_images"] == str(pairs / "low")
    done("upscale", model, pairs / "low", "--out", pairs / "made")
    wanted = []
    for name, made in (("a", "a"), ("b", "bx2")):
        made = numpy.asarray(Image.open(pairs / f"made/{made}.png"))
        truth = numpy.asarray(Image.open(pairs / f"high/{name}.png"))[:made.shape[0], :made.shape[1]]
        wanted.append(make_likeness.measures(truth[2:-2, 2:-2], made[2:-2, 2:-2]))
    for name in ("psnr", "ssim", "psnr-y", "ssim-y"):
        assert found[name]["value"] == pytest.approx(numpy.mean([one[name] for one in wanted]), rel=1e-5)
        assert "border of 2 pixels" in found[name]["definition"]
    assert "BT.601" in found["ssim-y"]["definition"] and "11x11" in found["ssim"]["definition"]
    text = done("evaluate", model, pairs / "high", "--metrics", "psnr-y")
    assert "psnr-y: 10 log10 of 255²" in text and "small      made of the images: bicubic" in text


def test_given_small_images_must_belong_to_the_pictures(model, pairs):
    (pairs / "low/a.png").rename(pairs / "low/c.png")
    Image.open(pairs / "low/bx2.png").resize((9, 9)).save(pairs / "low/b.png")
    assert "received" in refused_in_one_line("evaluate", model, pairs / "high", "--low", pairs / "low", "--metrics", "reconstruction")
    assert "accepted with measures of upscalers" in refused_in_one_line("evaluate", model, pairs / "high", "--low", pairs / "low")
    message = refused_in_one_line("evaluate", model, pairs / "high", "--low", pairs / "low", "--metrics", "psnr")
    assert "--low: has no image named as a.png" in message
    picture(20, 31).save(pairs / "low/a.png")
    result = run("evaluate", model, pairs / "high", "--low", pairs / "low", "--metrics", "psnr")
    assert result.returncode == 3 and "b.png: is 9x9 (height x width), accepted: 25x16" in result.stderr


def test_given_small_images_beyond_the_models_levels_are_counted(tmp_path):
    """A model of numbers up to 1000; of two pictures and two small images, one of each goes beyond."""
    model = write_model(tmp_path / "deep.safetensors", levels=[0, 1000])
    numbers = numpy.random.default_rng(7)
    for folder, side in (("high", 32), ("low", 16)):
        (tmp_path / folder).mkdir()
        for name, most in (("a", 1000), ("b", 3000)):
            deep = numbers.integers(0, 900, (side, side)).astype("uint16")
            deep[3, 3] = most
            Image.fromarray(deep).save(tmp_path / folder / f"{name}.png")
    beyond = " with 16-bit values beyond the model's levels"
    result = run("evaluate", model, tmp_path / "high", "--metrics", "psnr")
    assert result.returncode == 0 and f"clipped: 1 image{beyond}" in result.stderr, result.stderr
    result = run("evaluate", model, tmp_path / "high", "--low", tmp_path / "low", "--metrics", "psnr")
    assert result.returncode == 0 and f"clipped: 2 images{beyond}" in result.stderr, result.stderr


def photograph(path, seed, change=lambda image: image):
    """Squares of two sizes and noise, 192x288: six patches."""
    numbers = numpy.random.default_rng(seed)
    image = numpy.zeros((192, 288))
    for side, spread in ((24, 90), (6, 60), (1, 30)):
        image += numbers.integers(0, spread, (192 // side, 288 // side)).repeat(side, 0).repeat(side, 1)
    path.parent.mkdir(exist_ok=True)
    change(Image.fromarray((image + 30).astype("uint8"))).save(path)


@pytest.mark.slow
def test_niqe_is_fitted_on_photographs_that_are_named(model, tmp_path):
    for seed in range(8):
        photograph(tmp_path / f"real/{seed}.png", seed)
    for seed in (20, 21):
        photograph(tmp_path / f"sharp/{seed}.png", seed)
        photograph(tmp_path / f"blurred/{seed}.png", seed, lambda image: image.filter(ImageFilter.GaussianBlur(1)))
    sharp, blurred = (measured(tmp_path / name, tmp_path / "real", "--metrics", "niqe")[1]["niqe"] for name in ("sharp", "blurred"))
    assert blurred["value"] > 2 * sharp["value"] > 0
    assert f"48 sharp patches (96x96) of 8 pictures of {tmp_path / 'real'}" in sharp["definition"]

    answer, found = measured(model, tmp_path / "sharp", "--pristine", tmp_path / "real", "--metrics", "niqe,psnr")
    assert list(found) == ["niqe", "niqe of bicubic", "niqe of the originals", "psnr", "psnr of bicubic"]
    assert found["niqe of the originals"]["value"] == pytest.approx(sharp["value"])
    assert found["niqe of bicubic"]["value"] > 2 * sharp["value"]
    assert "of 8 pictures" in found["niqe"]["definition"] and answer["images"] == 2

    # Two pictures have too few patches, and a picture of one patch has no distance: both are said.
    message = refused_in_one_line("evaluate", model, tmp_path / "sharp", "--metrics", "niqe")
    assert "12 sharp patches (96x96) of 2 pictures" in message and "accepted: 37 or more" in message
    picture(100, 100).save(tmp_path / "sharp/small.png")
    result = run("evaluate", tmp_path / "sharp", tmp_path / "real", "--metrics", "niqe")
    assert result.returncode == 3 and "small.png: accepted: 2 whole patches of 96 pixels" in result.stderr
    assert "accepted with niqe" in refused_in_one_line("evaluate", model, tmp_path / "sharp", "--pristine", tmp_path / "real",
                                                       "--metrics", "psnr")


@pytest.mark.slow
def test_feature_distance_names_what_its_features_are_learnt_from(model, tmp_path):
    for seed in range(2):
        photograph(tmp_path / f"real/{seed}.png", seed)
    answer, found = measured(model, tmp_path / "real", "--metrics", "feature-distance")
    assert list(found) == ["feature-distance", "feature-distance of bicubic"]
    assert 0 < found["feature-distance of bicubic"]["value"] < 2
    definition = found["feature-distance"]["definition"]
    assert "not LPIPS" in definition and "hash" in definition and "108 squares (32x32) of 2 pictures" in definition
    picture(40, 31).save(tmp_path / "real/small.png")
    result = run("evaluate", model, tmp_path / "real", "--metrics", "feature-distance")
    assert result.returncode == 3 and "small.png: is 40x30 (height x width), accepted: at least 32" in result.stderr


def test_a_model_of_scale_1_without_small_images_gets_a_warning(pairs):
    mends = write_model(pairs / "one.safetensors", scale=1)
    result = run("evaluate", mends, pairs / "high", "--metrics", "psnr", "--json")
    assert result.returncode == 0 and "--low gives it others" in result.stderr
    assert json.loads(result.stdout)["measures"][1]["value"] == 99  # bicubic changes nothing
    result = run("evaluate", mends, pairs / "high", "--low", pairs / "high", "--metrics", "psnr")
    assert result.returncode == 0 and result.stderr == ""
