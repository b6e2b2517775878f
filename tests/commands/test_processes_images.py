"""`forger detect`, `sample` and `data check` shared by several processes."""
import csv
import shutil

import numpy
import pytest
from PIL import Image

from processes import alike, near, same
from program import done, run
from test_detect import detector, inspection  # noqa: F401 (fixtures)


@pytest.fixture
def parts(inspection, tmp_path):  # noqa: F811
    """Good and bad ones, one that is no image, one that is too small, one that is larger than the model's."""
    folder = tmp_path / "parts"
    for name in ("good/000", "good/001", "square/000", "square/001", "square/002", "square/003"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(inspection / f"test/{name}.png", folder / f"{name}.png")
    (folder / "square/001.png").write_bytes(b"no image")
    Image.new("L", (4, 4)).save(folder / "good/small.png")
    Image.open(folder / "good/000.png").resize((40, 24)).save(folder / "good/large.png")
    return folder


def number(text):
    try:
        return float(text)
    except ValueError:
        return text


def rows(out):
    with open(out / "scores.csv", newline="") as file:
        return list(csv.DictReader(file))


def assert_found_alike(one, several):
    """That detections in two folders are the same but for rounding: images went through the network in other batches."""
    for alone, shared in zip(rows(one), rows(several), strict=True):
        assert alone.keys() == shared.keys()
        near({name: number(text) for name, text in alone.items()}, {name: number(text) for name, text in shared.items()})
    for path in one.glob("*.png"):
        apart = numpy.asarray(Image.open(path)).astype(int) - numpy.asarray(Image.open(several / path.name))
        assert numpy.abs(apart).max() <= 3, path.name


def test_several_detect_as_one_does(detector, parts, tmp_path):  # noqa: F811
    assert_found_alike(*alike("detect", detector, parts, folder=tmp_path, processes=2, exact=False))


def test_several_draw_the_same_samples(detector, tmp_path):  # noqa: F811
    call = ("sample", detector, "--count", 130, "--out")
    for name, more in (("all.npz", ("--truncation", 0.7)), ("way.png", ("--interpolate",))):
        done(*call, tmp_path / f"one-{name}", *more)
        done(*call, tmp_path / f"several-{name}", *more, "--processes", 3)
        assert (tmp_path / f"one-{name}").read_bytes() == (tmp_path / f"several-{name}").read_bytes(), name


@pytest.fixture
def odd_set(tmp_path):
    """A folder with everything that a check has to say something of."""
    folder = tmp_path / "set"
    numbers = numpy.random.default_rng(0)
    for name in ("a/0.png", "a/1.png", "a/2.jpg", "b/3.png", "b/4.png", "b/5.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(numbers.integers(0, 255, (20, 24, 3)).astype("uint8")).save(folder / name)
    shutil.copy(folder / "a/0.png", folder / "b/copy.png")
    (folder / "b/broken.png").write_bytes((folder / "a/1.png").read_bytes()[:200])
    for number in range(3):
        Image.fromarray((numbers.integers(0, 4000, (20, 24))).astype("uint16")).save(folder / f"a/deep{number}.png")
    Image.new("RGBA", (20, 24), (9, 9, 9, 9)).save(folder / "a/flat.png")
    (folder / "a/notes.txt").write_text("x")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--json", "--levels", "stretch")])
def test_several_check_data_as_one_does(odd_set, more):
    one = run("data", "check", odd_set, *more)
    assert one.returncode == 1 and "broken.png" in one.stdout and "deep1.png" in one.stdout
    same(one, run("data", "check", odd_set, *more, "--processes", 3))
