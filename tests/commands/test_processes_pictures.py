"""`forger upscale` and `forger translate` shared by several processes."""
import shutil

import pytest

from processes import alike, ends_all_where_one_is_killed, same
from program import done, refused, run
from test_translate import write_unet
from test_upscale import model, picture, write_model  # noqa: F401 (a fixture)


@pytest.fixture
def photos(tmp_path):
    """A folder of folders, with two pictures of one name and one that is none."""
    for number, name in enumerate(("a.png", "b/a.png", "b/c/d.jpg", "b/c/d.png", "e.png", "f.png", "g.webp")):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        picture(8 + number, 12, seed=number).save(tmp_path / "photos" / name)
    (tmp_path / "photos/e.png").write_bytes(b"no picture")
    (tmp_path / "photos/notes.txt").write_text("x")
    return tmp_path / "photos"


def test_several_upscale_as_one_does(model, photos, tmp_path):  # noqa: F811
    one, _ = alike("upscale", model, photos, "--suffix", "_x2", folder=tmp_path, processes=3)
    assert len(list(one.rglob("*.png"))) == 6


@pytest.mark.slow
def test_one_picture_into_a_file_and_one_that_cannot_be_read(model, photos, tmp_path):  # noqa: F811
    done("upscale", model, photos / "a.png", "--out", tmp_path / "one.png")
    done("upscale", model, photos / "a.png", "--out", tmp_path / "two.png", "--processes", 2)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    call = ("upscale", model, photos / "e.png", "--out", tmp_path / "bad.png")
    same(run(*call), run(*call, "--processes", 2))
    call = ("upscale", model, photos / "e.png", photos / "e.png", "--out", tmp_path / "bad")
    same(run(*call), run(*call, "--processes", 3))


def test_several_translate_as_one_does(photos, tmp_path):
    unet = write_unet(tmp_path / "unet.safetensors")
    shutil.rmtree(photos / "b")
    one, _ = alike("translate", unet, photos, "--count", 3, folder=tmp_path, processes=2)
    assert len(list(one.glob("a_*.png"))) == 3


@pytest.fixture
def long_work(tmp_path):
    """A model and pictures that take a process some seconds."""
    (tmp_path / "many").mkdir()
    for number in range(60):
        picture(200, 200, seed=number % 5).save(tmp_path / f"many/{number:02}.png")
    return write_model(tmp_path / "slow.safetensors", features=24, blocks=6), tmp_path / "many"


@pytest.mark.slow
def test_one_that_is_killed_ends_all(long_work, tmp_path):
    out = tmp_path / "out"
    ends_all_where_one_is_killed("upscale", *long_work, "--out", out, began=lambda: out.exists() and any(out.iterdir()))


def test_bad_numbers_of_processes_are_refused(model, photos, tmp_path):  # noqa: F811
    for number in (0, -1, "two", 5000):
        assert "--processes" in refused_number("upscale", model, photos, "--out", tmp_path / "out", "--processes", number)
    assert not (tmp_path / "out").exists()


def refused_number(*arguments):
    result = run(*arguments)
    assert result.returncode == 2 and not result.stdout
    return result.stderr


def test_what_one_cannot_do_is_said_once(photos, tmp_path):
    message = refused("upscale", tmp_path / "none.safetensors", photos, "--out", tmp_path / "out", "--processes", 3)
    assert message.count("\n") == 1 and "none.safetensors" in message
