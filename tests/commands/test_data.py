"""`forger data check|make|pack` as a person runs them."""
import json
import os
import pathlib
import subprocess

import numpy
from PIL import Image

import program

GOLDEN = pathlib.Path(os.environ["FORGER_SOURCE"]) / "tests" / "image" / "golden"


def run(*arguments):
    return program.run("data", *arguments)


def refused(*arguments):
    """The one line that a refusal prints."""
    result = run(*arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("forger: ") and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def test_made_shapes_pass_the_check(tmp_path):
    made = run("make", "shapes", tmp_path / "set", "--count", 32, "--size", "20x24", "--channels", 1)
    assert made.returncode == 0 and "32 images" in made.stdout
    assert len(list(tmp_path.glob("set/*/*.png"))) == 32 and (tmp_path / "set/red-circle/000000.png").exists()
    assert os.listdir(tmp_path) == ["set"]
    result = run("check", tmp_path / "set", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 0 and report["images"] == 32
    assert report["sizes"] == {"24 x 20": 32} and report["modes"] == {"grey": 32} and len(report["classes"]) == 16
    assert report["classes"]["red-circle"] == 2


def test_made_points_come_as_table_and_picture(tmp_path):
    assert run("make", "ring8", tmp_path / "set", "--count", 80).returncode == 0
    lines = (tmp_path / "set/points.csv").read_text().splitlines()
    assert lines[0] == "x,y,mode" and len(lines) == 81
    x, y, mode = map(float, lines[1].split(","))
    assert abs(x * x + y * y - 1) < 0.2 and mode == 0
    assert (tmp_path / "set/points.png").read_bytes().startswith(b"\x89PNG")


def test_seed_changes_the_images_and_nothing_else_does(tmp_path):
    for name, seed in [("a", 1), ("b", 1), ("c", 2)]:
        run("make", "shapes", tmp_path / name, "--count", 3, "--seed", seed)
    read = lambda name: [path.read_bytes() for path in sorted(tmp_path.glob(f"{name}/*/*.png"))]
    assert read("a") == read("b") != read("c")


def test_check_names_what_training_would_lose(tmp_path):
    (tmp_path / "good.png").write_bytes((GOLDEN / "rgb.png").read_bytes())
    (tmp_path / "cut.png").write_bytes((GOLDEN / "rgb.png").read_bytes()[:100])
    (tmp_path / "empty.jpg").write_bytes(b"")
    result = run("check", tmp_path)
    assert result.returncode == 1
    assert "Unreadable: 2" in result.stdout and "cut.png: damaged or cut short" in result.stdout
    assert "empty.jpg: empty file" in result.stdout and "Training would lose 2 of 3 images." in result.stdout
    assert len(json.loads(run("check", tmp_path, "--json").stdout)["unreadable"]) == 2


def test_check_and_info_say_what_conversion_keeps(tmp_path):
    for i in range(5):  # 12 bits in 16
        Image.fromarray((numpy.arange(256, dtype="uint16") * 16 + i).reshape(16, 16)).save(tmp_path / f"{i}.png")
    line = "16-bit images use 0 to 4084 of 65535; 8 bits keep 17 of their 1280 levels: data.levels=stretch keeps 256"
    assert line in run("check", tmp_path).stdout
    assert json.loads(run("check", tmp_path, "--json").stdout)["conversion"] == {"levels": line}
    clipped = json.loads(run("check", tmp_path, "--levels", "[0,4080]", "--json").stdout)["conversion"]["levels"]
    assert "in 4 of 5 images, are beyond and clipped" in clipped
    assert "accepted: keep, stretch, clip" in refused("check", tmp_path, "--levels", "12")
    assert " keep 17 of " in program.done("info", tmp_path)
    assert " keep 17 of " in program.done("train", tmp_path, "--dry-run", "--set", "generator.width=8", "--set",
                                          "discriminator.width=8", "--set", "training.batch_size=2")


def test_check_lists_ten_names_and_counts_the_rest(tmp_path):
    for i in range(25):
        (tmp_path / f"{i:02}.png").write_bytes(b"")
    output = run("check", tmp_path).stdout
    assert "Unreadable: 25" in output and "09.png" in output and "10.png" not in output and "and 15 more" in output


def test_packed_shards_hold_the_same_images(tmp_path):
    run("make", "shapes", tmp_path / "set", "--count", 32)
    packed = run("pack", tmp_path / "set", str(tmp_path / "out/x-{00..03}.tar"))
    assert packed.returncode == 0 and "32 images in 4 shards" in packed.stdout
    assert sorted(os.listdir(tmp_path / "out")) == [f"x-0{i}.tar" for i in range(4)]
    members = subprocess.run(["tar", "tf", tmp_path / "out/x-00.tar"], capture_output=True, text=True).stdout.split()
    assert members[:2] == ["blue-circle/00000000.png", "blue-circle/00000000.cls"]
    folder = json.loads(run("check", tmp_path / "set", "--json").stdout)
    shards = json.loads(run("check", str(tmp_path / "out/x-{00..03}.tar"), "--json").stdout)
    for key in ("images", "sizes", "modes", "classes"):
        assert folder[key] == shards[key]
    assert json.loads(run("check", tmp_path / "out", "--json").stdout)["images"] == 32


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/mine").write_text("x")
    assert "not an empty folder" in refused("make", "shapes", tmp_path / "set")
    run("make", "shapes", tmp_path / "images", "--count", 4)
    (tmp_path / "x.tar").write_text("mine")
    assert "already there" in refused("pack", tmp_path / "images", tmp_path / "x.tar")
    assert (tmp_path / "x.tar").read_text() == "mine" and os.listdir(tmp_path / "set") == ["mine"]


def test_bad_input_is_refused_in_one_line(tmp_path):
    assert "does not exist" in refused("check", tmp_path / "nothing")
    assert "it is empty" in refused("check", tmp_path)
    assert 'did you mean "shapes"' in refused("make", "shape", tmp_path / "a")
    assert "--size" in refused("make", "shapes", tmp_path / "a", "--size", "0x4")
    assert "--size" in refused("make", "shapes", tmp_path / "a", "--size", "big")
    assert "--size" in refused("make", "ring8", tmp_path / "a", "--size", "32")
    assert "received 0 items" in refused("make", "shapes", tmp_path / "a", "--count", 0)
    assert "received 2" in refused("make", "shapes", tmp_path / "a", "--channels", 2)
    assert "points" in refused("pack", "synthetic:ring8", tmp_path / "a")
    assert "--shard-size" in refused("pack", "synthetic:shapes", tmp_path / "a", "--shard-size", "many")
    assert os.listdir(tmp_path) == []
