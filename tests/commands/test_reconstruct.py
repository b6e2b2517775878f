"""`forger reconstruct` and `forger restore` as a person runs them."""
import csv
import shutil
import signal
import subprocess
import time

import numpy
import pytest
from PIL import Image

from program import PROGRAM, done, nearly_full, on_a_nearly_full_disk, refused, run

SMALL = ["--set", "data.size=16", "--set", "generator.width=8", "--set", "encoder.width=8",
         "--set", "training.batch_size=8"]


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def autoencoder(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "vae"
    done("train", "synthetic:shapes", "--recipe", "vae", "--out", out, *SMALL, "--steps", 150)
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "dcgan"
    done("train", "synthetic:shapes", "--recipe", "dcgan", "--out", out, "--set", "data.size=16", "--set",
         "generator.width=8", "--set", "discriminator.width=8", "--set", "training.batch_size=8", "--steps", 5)
    return out


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes") / "pictures"
    done("data", "make", "shapes", folder, "--count", 5, "--size", 16)
    return folder


@pytest.fixture
def pictures(shapes, tmp_path):
    """Copies of a test's own."""
    return sorted(shutil.copytree(shapes, tmp_path / "pictures").rglob("*.png"))


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB")).astype(int)


def test_a_model_with_an_encoder_says_so(autoencoder):
    assert "encoder" in done("info", autoencoder / "model.safetensors")


@pytest.mark.slow
def test_a_convolutional_latent_goes_the_whole_way(pictures, tmp_path):
    out = tmp_path / "run"
    done("train", "synthetic:shapes", "--recipe", "vae", "--out", out, *SMALL, "--set", "generator.convolutional_latent=true",
         "--set", "generator.latent_size=64", "--steps", 20)
    done("sample", out, "--count", 4, "--out", tmp_path / "four.png")
    arrays = tmp_path / "arrays.npz"
    done("reconstruct", out, *pictures, "--out", tmp_path / "pairs", "--arrays", arrays)
    assert numpy.load(arrays)["latents"].shape == (5, 64)
    # Four numbers for each of 4x4 places, no fewer for some.
    text = refused("train", "synthetic:shapes", "--recipe", "vae", "--out", tmp_path / "no", *SMALL, "--set",
                   "generator.convolutional_latent=true", "--set", "generator.latent_size=70")
    assert "accepted: a multiple of 16" in text


def test_reconstructions_stand_beside_their_images(autoencoder, pictures, tmp_path):
    out = tmp_path / "out"
    text = done("reconstruct", autoencoder, *pictures, "--out", out)
    table = rows(out / "reconstructions.csv")
    assert [row["file"] for row in table] == [str(path) for path in pictures]
    for row, path in zip(table, pictures):
        pair = pixels(out / path.name)
        # Both five times as large, white lines of 2 pixels around.
        left, right = pair[4:82:5, 4:82:5], pair[4:82:5, 86:164:5]
        assert (left == pixels(path)).all()
        error = ((left - right) ** 2).mean() / 255 ** 2
        assert float(row["mean_squared_error"]) == pytest.approx(error, rel=0.01, abs=1e-6)
        assert float(row["psnr_db"]) == pytest.approx(-10 * numpy.log10(error), abs=0.05)
    assert "mean PSNR" in text


def test_arrays_hold_reconstructions_and_latents(autoencoder, pictures, tmp_path):
    done("reconstruct", autoencoder, *pictures, "--out", tmp_path / "out", "--arrays", tmp_path / "all.npz")
    arrays = numpy.load(tmp_path / "all.npz")
    assert arrays["images"].shape == (5, 16, 16, 3) and arrays["images"].dtype == numpy.uint8
    assert arrays["latents"].shape == (5, 32) and numpy.isfinite(arrays["latents"]).all()
    made = pixels(tmp_path / "out" / pictures[0].name)[4:82:5, 86:164:5]
    assert (arrays["images"][0] == made).all()


def test_an_images_numbers_do_not_hang_on_the_others(autoencoder, pictures, tmp_path):
    done("reconstruct", autoencoder, *pictures, "--out", tmp_path / "a")
    done("reconstruct", autoencoder, *reversed(pictures), "--out", tmp_path / "b")
    def numbers(name):
        return {row["file"]: float(row["mean_squared_error"]) for row in rows(tmp_path / name / "reconstructions.csv")}
    # One of an image's 768 numbers, rounded to the next of 255 levels, moves the mean of squares by this at most.
    assert numbers("a") == pytest.approx(numbers("b"), abs=2 / 255 / 768)


def test_a_plain_generator_searches_and_longer_is_nearer(plain, pictures, tmp_path):
    def error(steps, out):
        done("reconstruct", plain, *pictures, "--out", out, "--search-steps", steps)
        return sum(float(row["mean_squared_error"]) for row in rows(out / "reconstructions.csv"))
    assert error(60, tmp_path / "long") < error(1, tmp_path / "short")


def test_names_that_are_no_images_are_passed_over(autoencoder, pictures, tmp_path):
    unnamed, link, gif = tmp_path / "unnamed", tmp_path / "link.png", tmp_path / "a.gif"
    unnamed.write_bytes(pictures[1].read_bytes())
    link.symlink_to(link)
    Image.new("L", (16, 16)).save(gif)
    (tmp_path / "empty").mkdir()
    wrong = [tmp_path / "nowhere.png", link, gif, tmp_path / "empty"]
    result = run("reconstruct", autoencoder, wrong[0], pictures[0], *wrong[1:], unnamed, "--out", tmp_path / "out")
    assert result.returncode == 3
    assert [line for line in result.stderr.splitlines() if line.startswith("skipped: ")] == result.stderr.splitlines()
    for name, line in zip(wrong, result.stderr.splitlines(), strict=True):
        assert str(name) in line
    assert [row["file"] for row in rows(tmp_path / "out/reconstructions.csv")] == [str(pictures[0]), str(unnamed)]
    result = run("reconstruct", autoencoder, pictures[0].parent, "--out", tmp_path / "all")
    assert result.returncode == 0 and result.stderr == ""
    (tmp_path / "mixed").mkdir()
    for path in (gif, pictures[0]):
        (tmp_path / "mixed" / path.name).write_bytes(path.read_bytes())
    result = run("reconstruct", autoencoder, tmp_path / "mixed", "--out", tmp_path / "of-mixed")
    assert result.returncode == 0 and "passed over: 1 .gif" in result.stderr


def test_a_box_is_filled_and_the_rest_stays(autoencoder, pictures, tmp_path):
    out = tmp_path / "out"
    done("restore", autoencoder, *pictures, "--mask", "box:4,5,6,7", "--out", out, "--search-steps", 20)
    for path in pictures:
        before, after = pixels(path), pixels(out / path.name)
        inside = numpy.zeros((16, 16), bool)
        inside[5:12, 4:10] = True
        assert (before[~inside] == after[~inside]).all()
        assert (before[inside] != after[inside]).any()


def test_masks_of_any_shape_come_from_files(autoencoder, pictures, tmp_path):
    speckles = numpy.random.default_rng(0).random((16, 16)) < 0.5
    Image.fromarray((speckles * 255).astype("uint8")).save(tmp_path / "mask.png")
    out = tmp_path / "out"
    done("restore", autoencoder, pictures[0], "--mask", tmp_path / "mask.png", "--out", out, "--search-steps", 10)
    before, after = pixels(pictures[0]), pixels(out / pictures[0].name)
    assert (after[~speckles] == before[~speckles]).all()
    # Single pixels of flat shapes on a flat ground are easily guessed.
    damaged = numpy.abs(before[speckles] - before.mean()).mean()
    assert numpy.abs(after[speckles] - before[speckles]).mean() < 0.5 * damaged


def test_masks_of_other_codings_mark_the_same(autoencoder, pictures, tmp_path):
    marked = numpy.zeros((16, 16), "uint8")
    marked[4:9, 3:12] = 1
    Image.fromarray(marked).save(tmp_path / "ones.png")
    Image.fromarray(marked * 255).save(tmp_path / "lossy.jpg", quality=80)
    Image.fromarray(numpy.stack([marked * 0] * 3 + [marked * 255], 2)).save(tmp_path / "black.png")  # on nothing
    made = set()
    for name in ("ones.png", "lossy.jpg", "black.png"):
        done("restore", autoencoder, pictures[0], "--mask", tmp_path / name, "--out", tmp_path / name[:-4], "--search-steps", 3)
        made.add((tmp_path / name[:-4] / pictures[0].name).read_bytes())
    assert len(made) == 1


def test_strokes_on_a_transparent_layer_are_a_mask(autoencoder, pictures, tmp_path):
    strokes = numpy.full((16, 16, 4), 255, "uint8")
    strokes[..., 3] = 0
    strokes[5, 3:12, 3] = 255
    Image.fromarray(strokes).save(tmp_path / "strokes.png")
    out = tmp_path / "out"
    done("restore", autoencoder, pictures[0], "--mask", tmp_path / "strokes.png", "--out", out, "--search-steps", 5)
    around = strokes[..., 3] == 0
    assert (pixels(out / pictures[0].name)[around] == pixels(pictures[0])[around]).all()


def test_what_is_made_does_not_replace_what_it_is_made_of(autoencoder, pictures, tmp_path):
    before = [path.read_bytes() for path in pictures]
    folder = pictures[0].parent
    for inputs, out in (([folder], folder), ([folder], folder / "made"), ([pictures[0]], folder)):
        assert "apart from the images" in refused("reconstruct", autoencoder, *inputs, "--out", out)
    assert [path.read_bytes() for path in pictures] == before


def test_candidates_differ(autoencoder, pictures, tmp_path):
    done("restore", autoencoder, pictures[0], "--mask", "box:3,3,10,10", "--count", 2, "--out", tmp_path,
         "--search-steps", 10)
    first, second = (pixels(tmp_path / f"{pictures[0].stem}-candidate{i}.png") for i in (1, 2))
    assert (first != second).any()


def test_auto_fills_what_is_transparent(autoencoder, pictures, tmp_path):
    image = Image.open(pictures[0]).convert("RGBA")
    alpha = numpy.full((16, 16), 255, "uint8")
    alpha[2:6, 2:9] = 0
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "holed.png")
    done("restore", autoencoder, tmp_path / "holed.png", "--mask", "auto", "--out", tmp_path / "out", "--search-steps", 5)
    filled, whole = pixels(tmp_path / "out/holed.png"), pixels(pictures[0])
    assert (filled[alpha == 255] == whole[alpha == 255]).all()
    # What is half seen through stays nowhere as it is.
    alpha[2:6, 9] = 100
    image.putalpha(Image.fromarray(alpha))
    image.save(tmp_path / "soft.png")
    done("restore", autoencoder, tmp_path / "soft.png", "--mask", "auto", "--out", tmp_path / "soft", "--search-steps", 5)
    assert (pixels(tmp_path / "soft/soft.png")[alpha == 255] == whole[alpha == 255]).all()
    assert "see-through" in refused("restore", autoencoder, tmp_path / "soft.png", "--mask", "box:0,0,2,2", "--out",
                                    tmp_path / "out2")
    assert "transparent" in refused("restore", autoencoder, pictures[0], "--mask", "auto", "--out", tmp_path / "out2")


def test_bad_images_are_named_and_the_rest_is_done(autoencoder, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures[0].read_bytes()[:60])
    large = tmp_path / "large.png"
    Image.new("RGB", (20, 30)).save(large)
    for command, options in (("reconstruct", []), ("restore", ["--mask", "box:0,0,4,4", "--search-steps", 3])):
        out = tmp_path / command
        result = run(command, autoencoder, pictures[0], broken, large, pictures[1], "--out", out, *options)
        assert result.returncode == 3, result.stderr
        assert "broken.png" in result.stderr
        assert "30x20" in result.stderr and "16x16" in result.stderr and "--resize" in result.stderr
        assert (out / pictures[0].name).exists() and (out / pictures[1].name).exists()
    done("reconstruct", autoencoder, large, "--resize", "pad", "--out", tmp_path / "resized")


@on_a_nearly_full_disk
def test_a_full_disk_ends_the_command(autoencoder, pictures, tmp_path):
    message = refused("reconstruct", autoencoder, *pictures, "--out", tmp_path / "out", preexec_fn=nearly_full(50))
    assert "cannot write" in message and "skipped" not in message
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["reconstructions.csv"]
    assert rows(tmp_path / "out/reconstructions.csv") == []


def named(pictures, folder, *names):
    """The first pictures under other names."""
    folder.mkdir()
    for name, picture in zip(names, pictures):
        (folder / f"{name}.png").write_bytes(picture.read_bytes())
    return [folder / f"{name}.png" for name in names]


def test_names_that_get_too_long_are_shortened_and_stay_apart(autoencoder, pictures, tmp_path):
    wide = "画" * 83  # of three bytes each
    files = named(pictures, tmp_path / "a", "x" * 251, "x" * 250 + "y", wide)
    again = named(pictures[3:], tmp_path / "b", wide)
    for command, options in (("reconstruct", []), ("restore", ["--mask", "box:0,0,4,4", "--search-steps", 2, "--count", 2])):
        out = tmp_path / command
        done(command, autoencoder, *files, *again, "--out", out, *options)
        table, = out.glob("*.csv")
        listed = [(row["file"], row["output"]) for row in rows(table)]
        made = {path.name for path in out.glob("*.png")}
        assert len(made) == len(listed) == (4 if command == "reconstruct" else 8)
        assert {output for _, output in listed} == made
        assert {file for file, _ in listed} == {str(path) for path in [*files, *again]}
        assert all(len(name.encode()) <= 255 for name in made)
        assert any(name.startswith("画" * 70) for name in made)
    assert files[0].name in {path.name for path in (tmp_path / "reconstruct").iterdir()}


def test_a_file_that_cannot_be_written_is_named_and_the_rest_is_done(autoencoder, pictures, tmp_path):
    for command, options in (("reconstruct", []), ("restore", ["--mask", "box:0,0,4,4", "--search-steps", 2])):
        out = tmp_path / command
        (out / pictures[1].name).mkdir(parents=True)
        result = run(command, autoencoder, *pictures, "--out", out, *options)
        assert result.returncode == 3
        assert result.stderr == f"not written: {pictures[1]}: cannot write {out / pictures[1].name}: Is a directory\n"
        table, = out.glob(f"{command[:6]}*.csv")
        written = {row["file"]: row["output"] for row in rows(table) if row["output"]}
        assert written == {str(path): path.name for path in pictures if path != pictures[1]}
    measured = rows(tmp_path / "reconstruct/reconstructions.csv")[1]
    assert measured["file"] == str(pictures[1]) and measured["output"] == "" and float(measured["ssim"]) <= 1


def test_bad_masks_are_refused(autoencoder, pictures, tmp_path):
    def refusal(mask):
        return refused("restore", autoencoder, pictures[0], "--mask", mask, "--out", tmp_path / "out")
    def mask_file(name, level, size=(16, 16)):
        Image.new("L", size, level).save(tmp_path / name)
        return tmp_path / name
    assert "mask is empty" in refusal(mask_file("black.png", 0))
    assert "whole image" in refusal(mask_file("white.png", 255))
    wrong_size = refusal(mask_file("small.png", 255, (8, 16)))
    assert "16x16" in wrong_size and "16x8" in wrong_size
    assert "box:x,y,width,height" in refusal("box:1,2,3")
    for box in ("10,10,10,10", "1000000,0,2,2", "9223372036854775807,1,1,1", "-3,2,8,8"):
        assert "16 wide and 16 high" in refusal("box:" + box)
    for box in ("a,b,c,d", "1.5,1,4,4", "1,1,4", "99999999999999999999,1,1,1"):
        assert "box:x,y,width,height" in refusal("box:" + box)
    assert "accepted" in refusal(tmp_path / "missing.png")
    assert not list((tmp_path / "out").glob("*.png"))


def test_models_of_points_make_no_images(tmp_path):
    done("train", "synthetic:ring8", "--out", tmp_path / "points", "--steps", 3)
    assert "points" in refused("reconstruct", tmp_path / "points", tmp_path, "--out", tmp_path / "out")


def test_a_search_stops_at_once(plain, pictures, tmp_path):
    command = [PROGRAM, "reconstruct", plain, *pictures, "--out", tmp_path / "out", "--search-steps", 100000]
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE) as call:
        end = time.monotonic() + 60
        while not (tmp_path / "out/reconstructions.csv").exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.3)
        began = time.monotonic()
        call.send_signal(signal.SIGINT)
        message = call.stderr.read().decode()
    assert call.returncode == 130 and "stopped after 0 of 5 images" in message
    assert time.monotonic() - began < 5
    assert rows(tmp_path / "out/reconstructions.csv") == []


def test_pictures_of_another_call_are_not_mixed_with(autoencoder, pictures, tmp_path):
    out = tmp_path / "out"
    done("reconstruct", autoencoder, *pictures, "--out", out)
    before = {path: path.read_bytes() for path in out.iterdir()}
    for command in (["reconstruct"], ["restore", "--mask", "box:0,0,4,4"]):
        message = refused(command[0], autoencoder, pictures[0], *command[1:], "--out", out)
        assert "holds pictures already" in message and "a new folder" in message
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_the_folder_of_arrays_is_made_or_refused_before_the_work(autoencoder, plain, pictures, tmp_path):
    done("reconstruct", autoencoder, pictures[0], "--out", tmp_path / "a", "--arrays", tmp_path / "new/folder/all.npz")
    assert numpy.load(tmp_path / "new/folder/all.npz")["images"].shape == (1, 16, 16, 3)
    (tmp_path / "file").write_text("")
    for wrong in (tmp_path / "file/all.npz", tmp_path):
        # Refused at once: the search that would come first takes hours.
        message = refused("reconstruct", plain, *pictures, "--out", tmp_path / "b", "--arrays", wrong, "--search-steps", 100000)
        assert message.startswith(f"forger: --arrays: received {wrong}") and not (tmp_path / "b").exists()
