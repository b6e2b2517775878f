"""`forger train` of translators on label maps, and what is done with their models, as a person runs it."""
import json

import numpy
import pytest
from PIL import Image

from program import done, refused_in_one_line, run
from test_train_translation import SMALL, measured

KINDS = ("--set", "pairs.kinds=3")


def write_pair(folder, name, seed, kinds=3):
    """A palette PNG with areas of kinds, and an image with a colour for each."""
    drawn = numpy.random.default_rng(seed).integers(0, kinds, (4, 6), dtype=numpy.uint8)
    numbers = drawn.repeat(4, axis=0).repeat(4, axis=1)
    for side in "AB":
        (folder / side).mkdir(parents=True, exist_ok=True)
    label_map = Image.fromarray(numbers)
    label_map.putpalette([200, 30, 90] * 85 + [0, 0, 0])  # colours say nothing
    label_map.save(folder / f"A/{name}.png")
    Image.fromarray(numpy.stack([70 * numbers, 255 - 70 * numbers, numbers], axis=2).astype(numpy.uint8)).save(folder / f"B/{name}.png")
    return numbers


@pytest.fixture
def place(tmp_path):
    for seed in range(8):
        write_pair(tmp_path / "pairs", seed, seed)
    return tmp_path


def test_a_label_map_becomes_an_image(place):
    for name, steps in (("whole", 4), ("parts", 2)):
        done("train", place / "pairs", *SMALL, *KINDS, "--steps", steps, "--out", place / name)
    done("resume", place / "parts", "--quiet", "--steps", 4)
    steps = [[json.loads(line)["losses"] for line in (place / name / "steps.jsonl").read_text().splitlines()] for name in ("whole", "parts")]
    assert steps[0] == steps[1]  # a resumed training is the one that was not stopped
    shown = Image.open(sorted((place / "whole/previews").glob("*.png"))[-1]).convert("RGB")
    assert {(128, 0, 0), (0, 128, 0)} <= set(color for _, color in shown.getcolors(1 << 24))  # kinds 1 and 2
    assert json.loads(done("info", place / "whole/model.safetensors", "--json"))["source"] == {"channels": 1, "kinds": 3}
    message = refused_in_one_line("resume", place / "parts", "--quiet", "--steps", 6, "--set", "pairs.kinds=4")
    assert "pairs.kinds: received 4, accepted: 3" in message

    _, found = measured(place / "whole", place / "pairs", "--metrics", "l1,psnr")
    assert list(found) == ["l1", "psnr"]  # a map stands in no place of an image
    done("translate", place / "whole", place / "pairs/A", "--out", place / "made", "--deterministic")
    done("translate", place / "whole", place / "pairs/A/0.png", "--out", place / "tiles.png", "--deterministic", "--tile", 32)
    assert Image.open(place / "made/0.png").size == Image.open(place / "tiles.png").size == (24, 16)
    message = refused_in_one_line("translate", place / "whole", place / "pairs/B/0.png", "--out", place / "no.png")
    assert "B/0.png: is a PNG of RGB pixels, accepted: a label map" in message and not (place / "no.png").exists()
    write_pair(place / "more", "five", 1, kinds=5)
    message = refused_in_one_line("translate", place / "whole", place / "more/A/five.png", "--out", place / "no.png")
    assert "five.png: holds the number" in message and "accepted: a label map of 3 kinds, 0 to 2" in message
    assert "accepted: folders" in refused_in_one_line(
        "evaluate", place / "whole", place / "pairs", "--metrics", "l1", "--pairs", "edges")


def test_numbers_beyond_the_kinds_are_found_before_anything_is_written(place):
    write_pair(place / "pairs", "five", 1, kinds=5)
    message = refused_in_one_line("train", place / "pairs", *SMALL, *KINDS, "--steps", 1, "--out", place / "run")
    assert "A/five.png: holds the number" in message and not (place / "run").exists()
    text = run("data", "check", place / "pairs").stdout
    assert "Numbers stored in A: 0 to 4; as label maps: pairs.kinds=5" in text and "Numbers stored in B" not in text
    assert json.loads(done("data", "check", place / "pairs", "--json"))["numbers"] == {"A": [0, 1, 2, 3, 4]}
