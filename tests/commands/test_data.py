"""`forger data check|make|pack` as a person runs them."""
import gzip
import json
import os
import pathlib
import subprocess
import tarfile
import zipfile

import numpy
import pytest
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
    made = run("make", "shapes", tmp_path / "set", "--count", 32, "--size", "24x20", "--channels", 1)
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


@pytest.mark.slow
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


def make_set(tmp_path, count=32):
    assert run("make", "shapes", tmp_path / "set", "--count", count, "--size", 16).returncode == 0
    return sorted((tmp_path / "set").glob("*/*.png"))


def test_a_zip_archive_is_read_as_its_folder_is(tmp_path):
    files = make_set(tmp_path)
    for name, packing in [("deflated.zip", zipfile.ZIP_DEFLATED), ("archives/stored.zip", zipfile.ZIP_STORED)]:
        (tmp_path / "archives").mkdir(exist_ok=True)
        with zipfile.ZipFile(tmp_path / name, "w", packing) as archive:
            for file in files:
                archive.write(file, f"shapes/{file.parent.name}/{file.name}")
            archive.writestr("__MACOSX/shapes/._x.png", b"x")
    folder = json.loads(run("check", tmp_path / "set", "--json").stdout)
    for data in ("deflated.zip", "archives"):
        result = run("check", tmp_path / data, "--json")
        report = json.loads(result.stdout)
        assert result.returncode == 0 and report["kind"] == "zip archives" and report["ignored"] == {"__MACOSX": 1}
        for key in ("images", "sizes", "modes", "classes"):
            assert report[key] == folder[key]
    assert "zip archives" in program.done("info", tmp_path / "deflated.zip")
    whole = (tmp_path / "deflated.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-1000])
    result = run("check", tmp_path / "cut.zip")
    assert result.returncode == 1 and "cut.zip: cut short" in result.stdout
    assert "cut.zip: cut short" in program.refused_in_one_line("train", tmp_path / "cut.zip", "--dry-run")


def test_a_tar_that_was_cut_anywhere_or_joined_is_named(tmp_path):
    files = make_set(tmp_path, 8)
    for name in ("a.tar", "b.tar"):
        with tarfile.open(tmp_path / name, "w", format=tarfile.USTAR_FORMAT) as archive:
            for file in files[:4] if name == "a.tar" else files[4:]:
                archive.add(file, f"{file.parent.name}/{file.name}")
            blocks = archive.offset // 512  # without the end mark
    whole = (tmp_path / "b.tar").read_bytes()
    second = 512 + (files[4].stat().st_size + 511) // 512 * 512  # where the second member's header begins
    for size in [100, second, second + 512, blocks * 512]:  # more places: tests/data/shards_test.cpp
        (tmp_path / "cut.tar").write_bytes(whole[:size])
        result = run("check", tmp_path / "cut.tar")
        assert result.returncode == 1 and "cut.tar" in result.stdout and "cut short" in result.stdout, (size, result.stdout)
    assert "cut short" in json.loads(run("check", tmp_path / "cut.tar", "--json").stdout)["damaged"][0]
    (tmp_path / "joined.tar").write_bytes((tmp_path / "a.tar").read_bytes() + whole)
    result = run("check", tmp_path / "joined.tar")
    assert result.returncode == 1 and "what was appended there is not read" in result.stdout
    result = run("pack", tmp_path / "joined.tar", tmp_path / "new.tar")
    assert result.returncode == 1 and "not read" in result.stderr


def test_gzip_data_without_its_end_is_named(tmp_path):
    bytes_of = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 16]) + bytes(range(256)) * 2
    whole = gzip.compress(bytes_of)
    (tmp_path / "images-idx3-ubyte.gz").write_bytes(whole)
    assert run("check", tmp_path / "images-idx3-ubyte.gz").returncode == 0
    for cut in (whole[:-1], whole[:-3] + b"xyz"):
        (tmp_path / "images-idx3-ubyte.gz").write_bytes(cut)
        result = run("check", tmp_path)
        assert result.returncode == 1 and "images-idx3-ubyte.gz: " in result.stdout


def test_nothing_of_a_name_reaches_the_terminal_unescaped(tmp_path):
    image = (GOLDEN / "rgb.png").read_bytes()
    for i, name in enumerate(["\x1b[31mred\n.png", "\u009b31m.png", "b\u202egnp.png"]):
        for folder in ("one\x07", "two"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).write_bytes(image if i else image[:60])
    (tmp_path / "two" / os.fsdecode(b"\xff.png")).write_bytes(b"")
    for arguments in (["data", "check"], ["data", "check", "--json"], ["info"], ["info", "--json"]):
        result = program.run(*arguments, tmp_path)
        assert result.returncode in (0, 1), result.stderr
        for steering in ("\x1b", "\x07", "\u009b", "\u202e"):
            assert steering not in result.stdout, arguments
    output = run("check", tmp_path).stdout
    assert "two/\\x1b[31mred\\x0a.png" in output and "two/\\xff.png: empty file" in output
    assert "\\x1b" in refused("check", tmp_path / "no\x1bsuch")


def test_what_systems_make_is_passed_over_and_counted(tmp_path):
    files = make_set(tmp_path, 16)
    for name in ["@eaDir", "__MACOSX", ".ipynb_checkpoints", "$RECYCLE.BIN", "System Volume Information", "lost+found", "#recycle"]:
        (tmp_path / "set" / name).mkdir()
        (tmp_path / "set" / name / "x.png").write_bytes(files[0].read_bytes())
    (files[0].parent / "._twin.png").write_bytes(b"Mac OS X")
    (files[0].parent / "Thumbs.db").write_bytes(b"x")
    report = json.loads(run("check", tmp_path / "set", "--json").stdout)
    assert report["images"] == 16 and len(report["classes"]) == 16 and report["unreadable"] == []
    assert report["ignored"] == {"@eaDir": 1, "__MACOSX": 1, "hidden": 2, "$RECYCLE.BIN": 1, "System Volume Information": 1,
                                 "lost+found": 1, "#recycle": 1, "Thumbs.db": 1}
    assert "passed over: " in program.done("info", tmp_path / "set")


def test_a_size_that_is_not_the_images_own_is_said(tmp_path):
    assert run("make", "shapes", tmp_path / "small", "--count", 4, "--size", "13x7").returncode == 0
    said = "the images are 7x13 (height x width), smaller than 16 pixels a side: they are brought to 64x64"
    assert said in run("check", tmp_path / "small").stdout and "data.size=[8,16]" in program.done("info", tmp_path / "small")
    assert run("make", "shapes", tmp_path / "fitting", "--count", 4, "--size", "24x16").returncode == 0
    assert "brought to" not in run("check", tmp_path / "fitting").stdout + program.done("info", tmp_path / "fitting")


def test_numpy_arrays_as_data_are_told_what_they_are_for(tmp_path):
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\x01\x00")
    assert "is a NumPy array, which is taken for samples only" in refused("check", tmp_path / "x.npy")
