"""`forger detect`, and `forger evaluate` of what a model makes of images, as a person runs them."""
import csv
import json
import os
import pathlib
import random
import signal
import struct
import subprocess
import time

import numpy
import pytest
from PIL import Image

from program import PROGRAM, done, refused, run

SMALL = ["--set", "data.size=16", "--set", "generator.width=8", "--set", "encoder.width=8",
         "--set", "discriminator.width=8", "--set", "training.batch_size=8"]


def scores(out):
    with open(out / "scores.csv", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def stripes(numbers, size=16):
    """Horizontal stripes at a random height, with noise."""
    rows = numpy.arange(size)[:, None] + numbers.integers(0, 4)
    image = numpy.where(rows % 4 < 2, 190, 70) + numbers.normal(0, 6, (size, size))
    return image.clip(0, 255).astype("uint8")


@pytest.fixture(scope="module")
def inspection(tmp_path_factory):
    """A folder laid out as MVTec AD's are: stripes are good, a bright square is a defect."""
    folder = tmp_path_factory.mktemp("mvtec")
    numbers = numpy.random.default_rng(0)

    def save(name, image):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)

    for i in range(400):
        save(f"train/good/{i:03}.png", stripes(numbers))
    for i in range(30):
        save(f"test/good/{i:03}.png", stripes(numbers))
        image, mask = stripes(numbers), numpy.zeros((16, 16), "uint8")
        y, x = numbers.integers(0, 11, 2)
        image[y:y + 5, x:x + 5], mask[y:y + 5, x:x + 5] = 250, 255
        save(f"test/square/{i:03}.png", image)
        save(f"ground_truth/square/{i:03}_mask.png", mask)
    return folder


@pytest.fixture(scope="module")
def detector(inspection, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "detect"
    # Scales read off a few images would be too uncertain to compare sizes by.
    done("train", inspection, "--recipe", "detect", "--out", out, *SMALL, "--steps", 60, "--set", "data.held_out=0.5")
    return out


def test_defects_score_higher_than_good_images(detector, inspection, tmp_path):
    text = done("detect", detector, inspection, "--out", tmp_path / "out")
    found = scores(tmp_path / "out")
    good = [float(row["score"]) for name, row in found.items() if "/good/" in name]
    bad = [float(row["score"]) for name, row in found.items() if "/square/" in name]
    assert len(good) == len(bad) == 30
    assert sorted(bad)[3] > sorted(good)[-4]
    assert all(row["verdict"] == ("anomaly" if float(row["p_normal"]) <= 0.01 else "normal") for row in found.values())
    assert f"of {len(found)} images are anomalies" in text


def test_maps_show_where(detector, inspection, tmp_path):
    image = inspection / "test/square/007.png"
    done("detect", detector, image, "--out", tmp_path)
    raw = Image.open(tmp_path / "007-map.png")
    assert raw.mode.startswith("I")  # 16 bits
    levels = numpy.asarray(raw).astype(int)
    mask = numpy.asarray(Image.open(inspection / "ground_truth/square/007_mask.png")) > 0
    assert levels.shape == mask.shape == (16, 16)
    assert levels[mask].mean() > 3 * levels[~mask].mean()
    overlay = numpy.asarray(Image.open(tmp_path / "007-overlay.png")).astype(int)
    reddish = overlay[:, :, 0] - overlay[:, :, 2]
    assert reddish[mask].mean() > reddish[~mask].mean() + 50


def test_a_score_does_not_hang_on_the_other_images(detector, inspection, tmp_path):
    images = sorted((inspection / "test").rglob("*.png"))
    shuffled = images[:]
    random.Random(1).shuffle(shuffled)
    done("detect", detector, *images, "--out", tmp_path / "a", "--scores-only")
    done("detect", detector, *shuffled[:7], "--out", tmp_path / "b", "--scores-only")
    all_of_them, some = scores(tmp_path / "a"), scores(tmp_path / "b")
    assert len(some) == 7
    for name, row in some.items():
        assert float(row["score"]) == pytest.approx(float(all_of_them[name]["score"]), abs=1.01e-4)
    assert not list((tmp_path / "a").glob("*.png"))


def test_thresholds_are_chosen_by_rate_or_by_hand(detector, inspection, tmp_path):
    def anomalies(*options):
        answer = json.loads(done("detect", detector, inspection, "--out", tmp_path, "--scores-only", "--json", *options))
        assert len(answer["images"]) == 60
        return answer, sum(image["verdict"] == "anomaly" for image in answer["images"])
    loose, many = anomalies("--false-alarms", 0.3)
    strict, few = anomalies("--false-alarms", 0.01)
    assert loose["threshold"] < strict["threshold"] and many > few
    by_hand, count = anomalies("--threshold", strict["threshold"])
    assert count == sum(image["score"] > strict["threshold"] for image in by_hand["images"])
    assert by_hand["false_alarms"] is None
    both = run("detect", detector, inspection, "--out", tmp_path, "--threshold", 1, "--false-alarms", 0.1)
    assert both.returncode == 2 and "--false-alarms" in both.stderr


def test_thresholds_are_numbers(detector, inspection, tmp_path):
    for option, value in (("--threshold", "nan"), ("--threshold", "inf"), ("--false-alarms", "nan")):
        assert option in refused("detect", detector, inspection, option, value, "--out", tmp_path / "out")


def test_names_that_are_no_text_still_make_json(detector, inspection, tmp_path):
    odd = tmp_path / os.fsdecode(b"odd\xff.png")
    odd.write_bytes((inspection / "test/good/000.png").read_bytes())
    answer = json.loads(done("detect", detector, tmp_path, "--out", tmp_path.with_name("maps"), "--json"))
    assert len(answer["images"]) == 1


def test_too_few_normal_images_are_refused_before_training(inspection, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    for i in range(20):
        (few / f"{i}.png").write_bytes((inspection / f"train/good/{i:03}.png").read_bytes())
    assert "10 or more" in refused("train", few, "--recipe", "detect", "--out", tmp_path / "run", *SMALL, "--steps", 3)
    done("train", few, "--recipe", "detect", "--out", tmp_path / "half", *SMALL, "--steps", 3, "--set", "data.held_out=0.5")


def test_a_budget_of_minutes_is_as_long_as_the_schedule(inspection):
    plan = done("train", inspection, "--recipe", "detect", "--minutes", 1, "--dry-run", *SMALL)
    assert 'schedule = "cosine"' in plan and "schedule_steps = 0" in plan


def test_large_images_are_looked_at_in_tiles(detector, tmp_path):
    numbers = numpy.random.default_rng(5)
    image = stripes(numbers, 75)
    Image.fromarray(image).save(tmp_path / "good.png")
    image[40:48, 50:58] = 250
    Image.fromarray(image).save(tmp_path / "bad.png")
    done("detect", detector, tmp_path / "good.png", tmp_path / "bad.png", "--out", tmp_path / "out")
    found = {pathlib.Path(name).name: float(row["p_normal"]) for name, row in scores(tmp_path / "out").items()}
    assert found["bad.png"] < found["good.png"]
    levels = numpy.asarray(Image.open(tmp_path / "out/bad-map.png")).astype(float)
    assert levels.shape == (75, 75)
    y, x = numpy.unravel_index(levels.argmax(), levels.shape)
    assert 38 <= y < 50 and 48 <= x < 60


def test_one_threshold_holds_for_images_of_all_sizes(detector, tmp_path):
    numbers = numpy.random.default_rng(7)
    for i in range(20):
        for size in (16, 64):
            Image.fromarray(stripes(numbers, size)).save(tmp_path / f"{size}-{i}.png")
    files = sorted(tmp_path.glob("*.png"))
    answer = json.loads(done("detect", detector, *files, "--out", tmp_path / "out", "--false-alarms", 0.05, "--json"))
    means = [numpy.mean([image["score"] for image in answer["images"] if f"/{size}-" in image["file"]]) for size in (16, 64)]
    assert abs(means[0] - means[1]) < 1  # the highest of 49 tiles would lie two and more above a single one
    for image in answer["images"]:
        assert (image["verdict"] == "anomaly") == (image["score"] > answer["threshold"])
        assert image["verdict"] == ("anomaly" if image["p_normal"] <= 0.05 else "normal")
        assert pathlib.Path(image["map"]).exists()
    assert "20 of them, larger than the model's 16x16" in done("detect", detector, *files, "--out", tmp_path / "again")


@pytest.mark.slow
def test_an_interrupted_call_keeps_what_is_done(detector, tmp_path):
    numbers = numpy.random.default_rng(8)
    for i in range(60):
        Image.fromarray(stripes(numbers, 400)).save(tmp_path / f"{i:02}.png")
    files = sorted(tmp_path.glob("*.png"))
    with subprocess.Popen([PROGRAM, "detect", detector, *files, "--out", tmp_path / "out"], stderr=subprocess.PIPE) as call:
        end = time.monotonic() + 60
        while not (tmp_path / "out/00-map.png").exists() and time.monotonic() < end:
            time.sleep(0.01)
        call.send_signal(signal.SIGINT)
        message = call.stderr.read().decode()
    assert call.returncode == 130 and "of 60 images" in message
    kept = scores(tmp_path / "out")
    assert 1 <= len(kept) < 60
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert made == {"scores.csv"} | {f"{pathlib.Path(name).stem}-{kind}.png" for name in kept for kind in ("map", "overlay")}


def test_a_killed_call_leaves_the_rows_of_the_images_done_so_far(detector, tmp_path):
    numbers = numpy.random.default_rng(8)
    for i in range(12):
        Image.fromarray(stripes(numbers, 160)).save(tmp_path / f"{i:02}.png")
    files = sorted(tmp_path.glob("*.png"))
    table = tmp_path / "out/scores.csv"
    with subprocess.Popen([PROGRAM, "detect", detector, *files, "--out", tmp_path / "out", "--scores-only"]) as call:
        end = time.monotonic() + 60
        while not (table.exists() and table.read_bytes().count(b"\n") > 2) and time.monotonic() < end:
            time.sleep(0.005)
        call.kill()
    kept = scores(tmp_path / "out")
    assert 2 <= len(kept) <= 12 and list(kept) == [str(path) for path in files[:len(kept)]]
    assert table.read_bytes().endswith(b"\n")


def test_maps_that_cannot_be_written_are_named_and_the_rest_is_done(detector, inspection, tmp_path):
    files, out = [inspection / f"test/good/00{i}.png" for i in range(3)], tmp_path / "out"
    (out / "001-map.png").mkdir(parents=True)
    result = run("detect", detector, *files, "--out", out, "--json")
    assert result.returncode == 3
    assert result.stderr == f"not written: {files[1]}: cannot write {out}/001-map.png: Is a directory\n"
    assert [row["map"] for row in scores(out).values()] == ["000-map.png", "", "002-map.png"]
    assert [row["overlay"] for row in scores(out).values()] == ["000-overlay.png", "001-overlay.png", "002-overlay.png"]
    images = json.loads(result.stdout)["images"]
    assert [image.get("map") for image in images] == [f"{out}/000-map.png", None, f"{out}/002-map.png"]
    assert [image["overlay"] for image in images] == [f"{out}/00{i}-overlay.png" for i in range(3)]
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_names_of_any_length_have_maps(detector, inspection, tmp_path):
    files = [tmp_path / ("x" * 246 + end + ".png") for end in "abc"]
    for file in files:
        file.write_bytes((inspection / "test/good/000.png").read_bytes())
    answer = json.loads(done("detect", detector, *files, "--out", tmp_path / "out", "--json"))
    made = {image[kind] for image in answer["images"] for kind in ("overlay", "map")}
    assert len(made) == 6 and all(pathlib.Path(path).is_file() for path in made)
    assert {row["map"] for row in scores(tmp_path / "out").values()} == {path.name for path in (tmp_path / "out").glob("*-map.png")}


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_table_on_a_full_disk_is_one_line(detector, inspection, tmp_path):
    (tmp_path / "scores.csv").symlink_to("/dev/full")
    message = refused("detect", detector, inspection / "test/good/000.png", "--out", tmp_path)
    assert message == f"forger: cannot write {tmp_path}/scores.csv: No space left on device\n"


def test_a_large_image_that_ends_early_leaves_nothing_behind(detector, tmp_path):
    numbers = numpy.random.default_rng(6)
    Image.fromarray(numpy.tile(stripes(numbers, 64), (10, 1))).save(tmp_path / "long.png")
    whole = (tmp_path / "long.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:len(whole) * 3 // 4])
    result = run("detect", detector, tmp_path / "cut.png", tmp_path / "long.png", "--out", tmp_path / "out")
    assert result.returncode == 3 and "skipped:" in result.stderr and "cut.png" in result.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["long-map.png", "long-overlay.png", "scores.csv"]


def test_bad_images_are_named_and_the_rest_is_done(detector, inspection, tmp_path):
    broken, small = tmp_path / "broken.png", tmp_path / "small.png"
    broken.write_bytes(b"no image")
    Image.new("L", (8, 8)).save(small)
    good = inspection / "test/good/000.png"
    result = run("detect", detector, broken, small, good, "--out", tmp_path / "out")
    assert result.returncode == 3
    assert "broken.png" in result.stderr and "8x8" in result.stderr and "16x16" in result.stderr
    assert list(scores(tmp_path / "out")) == [str(good)]


def with_levels(model, levels, target):
    """A copy of a model file that was trained on 16-bit images of these levels."""
    content = model.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    header["__metadata__"]["levels"] = levels
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    target.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length:])
    return target


@pytest.mark.slow
def test_sixteen_bits_are_taken_as_in_training(detector, inspection, tmp_path):
    model = with_levels(detector / "model.safetensors", "[0, 4080]", tmp_path / "deep.safetensors")
    shallow, deep = tmp_path / "set", tmp_path / "deep"
    for kind in ("good", "square"):
        for i in range(4):
            image = numpy.asarray(Image.open(inspection / f"test/{kind}/{i:03}.png"))
            # 16 * level is of 0 to 4080 exactly what level is of 255.
            for folder, values in ((shallow, image), (deep, image.astype("uint16") * 16)):
                (folder / kind).mkdir(parents=True, exist_ok=True)
                Image.fromarray(values).save(folder / kind / f"{kind}{i}.png")
    large = stripes(numpy.random.default_rng(9), 40)
    Image.fromarray(large).save(shallow / "good/tiled.png")
    large = large.astype("uint16") * 16
    large[3, 3] = 50000
    Image.fromarray(large).save(deep / "good/tiled.png")
    large[3, 3] = 4080
    Image.fromarray((large // 16).astype("uint8")).save(shallow / "good/tiled.png")

    result = run("detect", model, shallow, deep, "--out", tmp_path / "maps", "--json")
    assert result.returncode == 0
    assert result.stderr == ("16 bits: 9 images, brought to 8 bits by the model's levels [0, 4080]; 1 of them with values "
                             "beyond, which are clipped\n")
    images = json.loads(result.stdout)["images"]
    for one, other in zip(images[:9], images[9:], strict=True):
        assert other["score"] == pytest.approx(one["score"], abs=1e-4)
        assert (numpy.asarray(Image.open(one["map"])).astype(int) - numpy.asarray(Image.open(other["map"]))).max() <= 1

    done("reconstruct", model, shallow / "square", deep / "square", "--out", tmp_path / "again", "--arrays", tmp_path / "a.npz")
    made = numpy.load(tmp_path / "a.npz")["images"]
    assert (made[:4] == made[4:]).all()
    with_a_box = ("--mask", "box:2,2,2,2", "--search-steps", 3)
    done("restore", model, deep / "square/square0.png", "--out", tmp_path / "whole", *with_a_box)
    before, after = (numpy.asarray(Image.open(path)).astype(int) for path in (shallow / "square/square0.png",
                                                                              tmp_path / "whole/square0.png"))
    known = numpy.ones((16, 16), bool)
    known[2:4, 2:4] = False
    assert (before[known] == after[known]).all()
    assert info_levels(model) == "[0, 4080]" and info_levels(detector) == "keep"

    answers = [run("evaluate", model, data, "--metrics", "auroc,reconstruction", "--json") for data in (shallow, deep)]
    first, second = ({measure["name"]: measure["value"] for measure in json.loads(answer.stdout)["measures"]}
                     for answer in answers)
    assert first == pytest.approx(second, abs=1e-6)
    assert answers[0].stderr == "" and "clipped: 1 image with" in answers[1].stderr
    assert "levels: received stretch" in refused("evaluate", model, deep, "--levels", "stretch")


def info_levels(model):
    return json.loads(done("info", model, "--json"))["levels"]


def test_other_models_say_what_they_can_do(inspection, tmp_path):
    done("train", "synthetic:shapes", "--recipe", "dcgan", "--out", tmp_path / "run", "--set", "data.size=16",
         "--set", "generator.width=4", "--set", "discriminator.width=4", "--set", "training.batch_size=8", "--steps", 2)
    message = refused("detect", tmp_path / "run", inspection, "--out", tmp_path / "out")
    assert "generation model" in message and "it can: sample, reconstruct, restore" in message
    assert not (tmp_path / "out/scores.csv").exists()


def test_evaluate_measures_detection_and_reconstruction(detector, inspection):
    def measures(*arguments):
        answer = json.loads(done("evaluate", detector, *arguments, "--json"))
        return answer, {measure["name"]: measure["value"] for measure in answer["measures"]}
    answer, found = measures(inspection, "--metrics", "auroc,pixel-auroc,pro")
    assert (answer["images"], answer["normal"], answer["anomalous"], answer["masks"]) == (60, 30, 30, 60)
    assert found["auroc"] > 0.9 and found["pixel-auroc"] > 0.9 and found["pro"] > 0.5
    turned_round, swapped = measures(inspection / "test", "--metrics", "auroc", "--normal", "square")
    assert (turned_round["normal"], swapped["auroc"]) == (30, pytest.approx(1 - found["auroc"]))
    assert measures(inspection / "test", "--metrics", "auroc", "--count", 50)[0]["images"] == 50
    _, made = measures(inspection / "test", "--metrics", "reconstruction")
    assert 5 < made["psnr_db"] < 60 and -1 < made["ssim"] <= 1


def test_evaluate_reads_masks_of_any_coding_and_names_those_that_do_not_fit(detector, inspection, tmp_path):
    def evaluated(change):
        folder = tmp_path / change.__name__
        for name in ("train/good", "test/good", "test/square", "ground_truth/square"):
            (folder / name).mkdir(parents=True)
        for path in sorted(inspection.rglob("*/*/00[0-5]*.png")):
            (folder / path.relative_to(inspection)).write_bytes(path.read_bytes())
        for path in sorted((folder / "ground_truth/square").iterdir()):
            change(path, Image.open(path).copy())
        result = run("evaluate", detector, folder, "--metrics", "pixel-auroc,pro,auroc", "--json")
        assert "nan" not in result.stdout.lower()
        return result

    def as_it_is(path, mask):
        pass

    def of_ones(path, mask):
        mask.point(lambda level: level // 255).save(path)

    def jpeg(path, mask):
        path.unlink()
        mask.save(path.with_suffix(".JPG"), quality=75)

    def not_fitting(path, mask):
        number = int(path.name[:3])
        if number == 0:
            path.rename(path.with_name("077_mask.png"))
        elif number == 1:
            mask.resize((8, 8)).save(path)
        elif number == 2:
            path.write_bytes(b"BM")
        elif number == 3:
            mask.point(lambda level: 0).save(path)

    def unreadable(path, mask):
        path.write_bytes(b"BM")

    right = evaluated(as_it_is)
    assert right.returncode == 0, right.stderr
    for coding in (of_ones, jpeg):
        result = evaluated(coding)
        assert result.returncode == 0 and result.stdout == right.stdout, result.stderr
    result = evaluated(not_fitting)
    assert result.returncode == 3 and json.loads(result.stdout)["masks"] == 8
    for words in ("000.png: there is no mask", "001.png: its mask is 8x8", "002_mask.png: a BMP file", "003.png: its mask marks nothing",
                  "077_mask.png: belongs to no image"):
        assert words in result.stderr
    result = evaluated(unreadable)
    assert result.returncode == 3
    found = {measure["name"]: measure for measure in json.loads(result.stdout)["measures"]}
    assert found["auroc"]["value"] > 0.5 and found["pro"]["value"] is None
    assert "no mask can be used" in found["pixel-auroc"]["reason"]


def test_evaluate_refuses_what_it_cannot_measure(detector, inspection):
    assert "one of the two kinds" in refused("evaluate", detector, inspection, "--metrics", "fid,auroc")
    assert "square" in refused("evaluate", detector, inspection / "test", "--metrics", "auroc", "--normal", "squares")
    assert "ground_truth" in refused("evaluate", detector, inspection / "test", "--metrics", "pro")
    assert "no classes" in refused("evaluate", detector, inspection / "train/good", "--metrics", "auroc")


def test_the_classes_trained_on_are_normal(tmp_path):
    done("data", "make", "shapes", tmp_path / "shapes", "--count", 240, "--size", 16)
    done("train", tmp_path / "shapes", "--recipe", "detect", "--out", tmp_path / "run", *SMALL, "--steps", 3,
         "--set", "data.classes=[0,1]", "--set", "data.held_out=0.4")
    answer = json.loads(done("evaluate", tmp_path / "run", tmp_path / "shapes", "--metrics", "auroc", "--json"))
    classes = sorted(path.name for path in (tmp_path / "shapes").iterdir())
    assert answer["normal"] == sum(len(list((tmp_path / "shapes" / name).iterdir())) for name in classes[:2])
    assert answer["normal"] + answer["anomalous"] == 240
