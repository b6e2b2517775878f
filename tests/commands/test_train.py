"""`forger train|resume|sample|info` as a person runs them."""
import fcntl
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import termios
import time

import numpy
import pytest
from PIL import Image

from program import PROGRAM, nearly_full, on_a_nearly_full_disk, run

SMALL = ["--set", "data.size=16", "--set", "generator.width=8", "--set", "discriminator.width=8",
         "--set", "training.batch_size=8", "--set", "generator.depth=0", "--set", "discriminator.depth=0"]


def train(out, *arguments, **options):
    return run("train", "synthetic:shapes", "--recipe", "dcgan", "--out", out, *SMALL, *arguments, **options)


def refused(*arguments, **options):
    """The one line that a refusal prints."""
    result = run(*arguments, **options)
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.startswith("forger: ") and result.stderr.count("\n") == 1, result.stderr
    return result.stderr


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    result = train(out, "--steps", 12, "--set", "training.checkpoint_steps=5")
    assert result.returncode == 0, result.stderr
    return out


def test_a_run_folder_holds_what_its_document_says(trained):
    for name in ["config.toml", "build.json", "steps.jsonl", "log.txt", "model.safetensors", "checkpoints/latest",
                 "checkpoints/00000012.safetensors", "checkpoints/00000010.safetensors", "previews/00000012.png"]:
        assert (trained / name).exists(), name
    steps = lines_of(trained / "steps.jsonl")
    assert [line["step"] for line in steps] == list(range(1, 13))
    assert steps[-1]["images"] == 12 * 8
    for key in ["seconds", "images_per_second", "step_seconds", "data_wait_seconds", "losses", "logits", "players"]:
        assert key in steps[-1]
    assert json.loads((trained / "build.json").read_text())["libtorch"]
    assert Image.open(trained / "previews/00000012.png").width > 100


def test_tensorboards_own_reader_sees_scalars_and_pictures(trained):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    events = EventAccumulator(str(trained / "tensorboard"), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    expected = lines_of(trained / "steps.jsonl")[9]["losses"]["generator"]
    scalar = events.Scalars("loss/generator")[0]
    assert scalar.step == 10 and abs(scalar.value - expected) < 1e-6
    assert [image.step for image in events.Images("samples")] == [0, 5, 10, 12]


@pytest.mark.slow
def test_samples_come_as_array_grid_and_files(trained, tmp_path):
    assert run("sample", trained, "--count", 10, "--out", tmp_path / "a.npz").returncode == 0
    images = numpy.load(tmp_path / "a.npz")["images"]
    assert images.shape == (10, 16, 16, 3) and images.dtype == numpy.uint8
    run("sample", trained / "model.safetensors", "--count", 10, "--out", tmp_path / "files")
    names = sorted(os.listdir(tmp_path / "files"))
    assert len(names) == 10
    assert numpy.array_equal(numpy.asarray(Image.open(tmp_path / "files" / names[3])), images[3])
    run("sample", trained, "--count", 10, "--out", tmp_path / "raw.npz", "--raw")
    for options in (["--seed", 2], ["--truncation", 0.3], ["--interpolate"]):
        assert run("sample", trained, "--count", 10, "--out", tmp_path / "b.npz", *options).returncode == 0
        assert not numpy.array_equal(numpy.load(tmp_path / "b.npz")["images"], images), options
    assert run("sample", trained, "--count", 10, "--out", tmp_path / "grid.png").returncode == 0
    assert Image.open(tmp_path / "grid.png").mode == "RGB"
    assert "not an empty folder" in refused("sample", trained, "--out", tmp_path / "files")
    assert "classes" in refused("sample", trained, "--class", 1, "--out", tmp_path / "c.png")
    assert not (tmp_path / "c.png").exists()


@pytest.mark.slow
def test_a_run_knows_its_data_and_says_what_changed(tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "run"
    photos.mkdir()
    numbers = numpy.random.default_rng(1)
    for i in range(60):
        Image.fromarray(numbers.integers(0, 255, (16, 16, 3), numpy.uint8)).save(photos / f"{i:02}.png")
    common = [*SMALL, "--set", "referee.mode=off"]
    assert run("train", photos, "--out", out, "--steps", 2, *common).returncode == 0
    assert json.loads((out / "data.json").read_text())["images"] == 60
    same = run("resume", out, "--steps", 3)
    assert same.returncode == 0 and "not the data" not in same.stdout + same.stderr + (out / "log.txt").read_text()
    for i in range(10):
        shutil.copy(photos / f"{i:02}.png", photos / f"more{i}.png")
    changed = run("resume", out, "--steps", 4)
    assert changed.returncode == 0 and "70 images, not 60" in changed.stdout + changed.stderr
    assert "70 images, not 60" in (out / "log.txt").read_text()
    (photos / "00.png").unlink()
    judged = run("judge", out)
    assert "69 images, not 70" in judged.stderr and "were not trained on" in judged.stderr
    (out / "data.json").unlink()
    assert "did not record which" in run("judge", out).stderr


@pytest.mark.slow
def test_a_sample_is_the_same_however_many_are_drawn(trained, tmp_path):
    def drawn(count, *options):
        out = tmp_path / "a.npz"
        assert run("sample", trained, "--seed", 7, "--count", count, "--out", out, *options).returncode == 0
        return numpy.load(out)["images"]

    for options in ([], ["--truncation", 0.5], ["--interpolate"]):
        assert numpy.array_equal(drawn(5, *options), drawn(70, *options)[:5]), options


def test_info_tells_models_runs_and_data(trained):
    model = json.loads(run("info", trained / "model.safetensors", "--json").stdout)
    assert model["kind"] == "model" and model["provenance"]["steps"] == "12" and model["provenance"]["recipe"] == "dcgan"
    run_info = json.loads(run("info", trained, "--json").stdout)
    assert run_info["kind"] == "run" and run_info["last_step"]["step"] == 12
    data = json.loads(run("info", "synthetic:shapes", "--json").stdout)
    assert data["kind"] == "data" and data["images"] > 1000


def test_a_class_conditional_model_draws_the_class_asked_for(tmp_path):
    out = tmp_path / "run"
    assert train(out, "--steps", 3, "--set", "data.labels=true").returncode == 0
    assert run("sample", out, "--class", "red-circle", "--count", 4, "--out", tmp_path / "a.npz").returncode == 0
    assert run("sample", out, "--class", "0", "--count", 4, "--out", tmp_path / "b.npz").returncode == 0
    assert "did you mean" in refused("sample", out, "--class", "red-circel", "--out", tmp_path / "c.npz")


@pytest.mark.slow
def test_points_train_and_draw_a_scatter_picture(tmp_path):
    out = tmp_path / "run"
    result = run("train", "synthetic:ring8", "--out", out, "--steps", 5, "--set", "generator.network=mlp",
                 "--set", "discriminator.network=mlp", "--set", "generator.normalization=none",
                 "--set", "discriminator.normalization=none")
    assert result.returncode == 0, result.stderr
    assert run("sample", out, "--count", 7, "--out", tmp_path / "a.npz").returncode == 0
    assert numpy.load(tmp_path / "a.npz")["points"].shape == (7, 2)
    resumed = run("resume", out, "--steps", 8)
    assert resumed.returncode == 0, resumed.stderr
    assert run("sample", out, "--count", 500, "--out", tmp_path / "a.png").returncode == 0


def test_dry_run_shows_the_plan_and_writes_nothing(tmp_path):
    result = run("train", "synthetic:shapes", "--recipe", "dcgan", *SMALL, "--dry-run", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for part in ["learning_rate", "generator", "discriminator", "parameters", "per 1,000 images", "of memory"]:
        assert part in result.stdout, part
    assert os.listdir(tmp_path) == []


def test_the_default_folder_is_numbered(tmp_path):
    for number in (1, 2):
        result = run("train", "synthetic:shapes", "--recipe", "dcgan", *SMALL, "--steps", 1, "--quiet", cwd=tmp_path)
        assert result.returncode == 0 and result.stdout == ""
        assert (tmp_path / f"runs/00{number}-dcgan-shapes/model.safetensors").exists()


def test_json_progress_is_one_object_a_line(tmp_path):
    result = train(tmp_path / "run", "--steps", 4, "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line.get("step") for line in lines] == [1, 2, 3, 4, 4]
    assert lines[-1]["end"] == "finished"


def wait_for_steps(process, out, count):
    deadline = time.time() + 60
    while time.time() < deadline:
        if (out / "steps.jsonl").exists() and (out / "steps.jsonl").read_text().count("\n") >= count:
            return
        time.sleep(0.05)
    process.kill()
    raise AssertionError("the training does not go on: " + (process.stderr.read() if process.stderr else ""))


def start(out, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options):
    process = subprocess.Popen([PROGRAM, "train", "synthetic:shapes", "--recipe", "dcgan", "--out", str(out), *SMALL,
                                *map(str, arguments)], stdout=stdout, stderr=stderr, text=True, **options)
    wait_for_steps(process, out, 8)
    return process


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_with_a_checkpoint_and_says_how_to_go_on(tmp_path, stop):
    out = tmp_path / "run"
    process = start(out, "--steps", 100000)
    assert "locked" in refused("resume", out)
    process.send_signal(stop)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert f"forger resume {out}" in printed
    last = lines_of(out / "steps.jsonl")[-1]["step"]
    assert (out / f"checkpoints/{last:08}.safetensors").exists()
    assert run("resume", out, "--steps", last + 2).returncode == 0
    assert lines_of(out / "steps.jsonl")[-1]["step"] == last + 2


def last_checkpoint_is_of_the_last_step(out):
    return (out / "checkpoints/latest").read_text() == f"{lines_of(out / 'steps.jsonl')[-1]['step']:08}.safetensors\n"


def test_a_lost_terminal_leaves_a_checkpoint(tmp_path):
    ours, its = os.openpty()
    process = start(tmp_path / "run", "--steps", 100000, stdin=its, stdout=its, stderr=its, start_new_session=True,
                    preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(its)
    os.close(ours)
    time.sleep(0.05)
    process.send_signal(signal.SIGHUP)  # as a shell does that goes with its terminal
    assert process.wait(timeout=60) == 2, "nobody reads what it says"
    assert last_checkpoint_is_of_the_last_step(tmp_path / "run")


def test_nohup_holds(tmp_path):
    process = start(tmp_path / "run", "--steps", 100000, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    process.send_signal(signal.SIGHUP)
    before = len(lines_of(tmp_path / "run/steps.jsonl"))
    wait_for_steps(process, tmp_path / "run", before + 4)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0 and last_checkpoint_is_of_the_last_step(tmp_path / "run")


@pytest.mark.slow
def test_a_run_finds_its_data_from_any_folder_and_names_what_changed(tmp_path):
    began, other = tmp_path / "began", tmp_path / "other"
    began.mkdir(), other.mkdir()
    assert run("data", "make", "shapes", began / "set", "--count", 64, "--size", 16).returncode == 0
    assert run("data", "pack", began / "set", began / "set.tar").returncode == 0
    with open(began / "set.tar", "r+b") as archive:  # without its last member and end mark
        archive.truncate(archive.seek(0, os.SEEK_END) // 2 // 512 * 512)
    result = run("train", "set.tar", "--recipe", "dcgan", "--out", "run", *SMALL, "--steps", 2, "--set", "data.labels=true",
                 "--set", "data.max_bad=0.2",
                 "--set", "training.tensorboard=false", "--referee", "off", cwd=began)
    assert result.returncode == 0, result.stderr
    for said in (result.stdout, (began / "run/log.txt").read_text()):
        assert "incomplete: set.tar: cut short" in said
    assert 'source = "set.tar"' in (began / "run/config.toml").read_text()

    result = run("resume", began / "run", "--steps", 3, cwd=other)
    assert result.returncode == 0, result.stderr
    assert lines_of(began / "run/steps.jsonl")[-1]["step"] == 3
    assert 'source = "set.tar"' in (began / "run/config.toml").read_text()
    message = refused("resume", began / "run", "--set", "data.size=32", "--steps", 4, "--quiet", cwd=other)
    assert "data.size: received [32, 32], accepted: [16, 16]" in message and "new training" in message
    message = refused("resume", began / "run", "--set", "data.classes=[0,1,2]", "--steps", 4, "--quiet", cwd=other)
    assert "data.classes: received [0, 1, 2], accepted: []" in message

    (began / "set.tar").rename(other / "moved.tar")
    message = refused("resume", began / "run", "--steps", 4, "--quiet", cwd=other)
    assert str(began / "set.tar") in message and str(other / "set.tar") in message
    assert "its new place by --set data.source=PLACE" in message
    assert "its new place by --data PLACE" in refused("judge", began / "run", cwd=other)
    assert "received data of 16 classes, accepted: of 8" in refused("judge", began / "run", "--data", "synthetic:shapes")
    assert run("resume", began / "run", "--steps", 4, "--set", "data.source=moved.tar", cwd=other).returncode == 0
    assert f'source = "{other / "moved.tar"}"' in (began / "run/config.toml").read_text()


def test_resuming_a_finished_run_says_that_its_budget_is_used_up(tmp_path):
    assert train(tmp_path / "run", "--steps", 2).returncode == 0
    result = run("resume", tmp_path / "run")
    assert result.returncode == 0 and "used up at step 2" in result.stdout


@pytest.mark.slow
def test_kill_9_loses_only_the_steps_since_the_checkpoint(tmp_path):
    out = tmp_path / "run"
    process = start(out, "--steps", 100000, "--set", "training.checkpoint_steps=3")
    process.kill()
    process.communicate()
    latest = (out / "checkpoints/latest").read_text().strip()
    assert (out / "checkpoints" / latest).exists()
    step = int(latest.split(".")[0])
    assert step >= 3
    assert run("sample", out, "--count", 1, "--out", tmp_path / "a.png").returncode == 0
    result = run("resume", out, "--steps", step + 4)
    assert result.returncode == 0, result.stderr
    assert [line["step"] for line in lines_of(out / "steps.jsonl")] == list(range(1, step + 5))


@on_a_nearly_full_disk
def test_a_full_disk_ends_with_one_line_and_leaves_a_run_that_resumes(tmp_path):
    out = tmp_path / "run"
    assert train(out, "--steps", 4).returncode == 0

    message = refused("resume", out, "--steps", 8, "--set", "training.tensorboard=false", preexec_fn=nearly_full(60_000))
    assert "cannot write" in message
    assert run("sample", out, "--count", 1, "--out", tmp_path / "a.png").returncode == 0
    assert run("resume", out, "--steps", 8).returncode == 0
    assert not [name for name in os.listdir(out / "checkpoints") if name.endswith(".tmp")]


def test_bad_input_is_one_line_and_leaves_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text("[generator]\nlearning_rat = 1e-4\n")
    (tmp_path / "wrong.toml").write_text("[objective]\nname = \"wgan_gp\"\n")
    (tmp_path / "cut.safetensors").write_bytes(b"\x10\x00\x00")
    (tmp_path / "magic.safetensors").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    out = tmp_path / "out"
    shapes = ["train", "synthetic:shapes", "--out", out]
    assert "none" in refused("train", tmp_path / "none", "--out", out)
    assert "empty" in refused("train", tmp_path / "empty", "--out", out)
    assert "generator.learning_rate" in refused(*shapes, "--set", "generator.learning_rat=1")
    assert "key=value" in refused(*shapes, "--set", "nonsense")
    assert "bad.toml:2" in (message := refused(*shapes, "--recipe", tmp_path / "bad.toml")) and "learning_rate" in message
    assert "wasserstein-gp" in refused(*shapes, "--recipe", tmp_path / "wrong.toml")
    assert "did you mean \"fast\"" in refused(*shapes, "--recipe", "fsat")
    assert "data.size" in refused(*shapes, "--set", "data.size=[0,0]")
    assert "cuda" in refused(*shapes, "--device", "cuda:7", "--steps", 1)
    assert "cut.safetensors" in refused("sample", tmp_path / "cut.safetensors", "--out", tmp_path / "a.png")
    assert "magic.safetensors" in refused("sample", tmp_path / "magic.safetensors", "--out", tmp_path / "a.png")
    assert "config.toml" in refused("resume", tmp_path / "empty")
    assert not out.exists() and not (tmp_path / "a.png").exists()


@pytest.mark.skipif(os.path.basename(os.environ["FORGER_BUILD"]) != "release", reason="sanitizers take all addresses")
def test_too_little_memory_is_one_line(tmp_path):
    message = refused("train", "synthetic:shapes", "--dry-run", "--set", "training.batch_size=65536",
                      "--set", "data.size=[256,256]",
                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (30 * 10**9, 30 * 10**9)))
    assert "memory" in message and "training.batch_size" in message


def test_unreadable_images_are_skipped_by_name_until_there_are_too_many(tmp_path):
    assert run("data", "make", "shapes", tmp_path / "set", "--count", 200, "--size", 16).returncode == 0
    files = sorted((tmp_path / "set").glob("*/*.png"))
    cut = files[10].rename(files[10].parent / "cut\x1b[31m.png")
    cut.write_bytes(cut.read_bytes()[:60])
    common = ["--recipe", "dcgan", *SMALL, "--steps", 30, "--set", "data.held_out=0"]
    result = run("train", tmp_path / "set", "--out", tmp_path / "good", *common)
    assert result.returncode == 0, result.stderr
    for said in (result.stdout, (tmp_path / "good/log.txt").read_text()):
        assert "cut\\x1b[31m.png" in said and "\x1b" not in said
    for file in files[20:30]:
        file.write_bytes(b"")
    message = refused("train", tmp_path / "set", "--out", tmp_path / "bad", *common)
    assert "data.max_bad" in message
    assert not (tmp_path / "bad").exists()


@pytest.mark.slow
def test_a_seed_is_taken_exactly_or_refused(trained, tmp_path):
    for largest, larger in ((2 ** 63 - 1, 2 ** 63), (2 ** 63 - 1, 2 ** 64)):
        done = run("sample", trained, "--count", 1, "--seed", largest, "--out", tmp_path / "a.png")
        assert done.returncode == 0, done.stderr
        refusal = run("sample", trained, "--count", 1, "--seed", larger, "--out", tmp_path / "b.png")
        assert refusal.returncode == 2 and f"--seed: received {larger}, accepted: at most {largest}" in refusal.stderr
    for options in (["--count", 10 ** 30], ["--seed", -(10 ** 30)]):
        assert run("sample", trained, *options, "--out", tmp_path / "b.png").returncode == 2
    assert "training.seed: received" in refused("train", "synthetic:ring8", "--seed", 2 ** 53, "--dry-run")
    assert not (tmp_path / "b.png").exists()


def test_files_lie_in_folders_that_are_made_for_them(trained, tmp_path):
    assert run("sample", trained, "--count", 2, "--out", tmp_path / "new/a/grid.png").returncode == 0
    assert (tmp_path / "new/a/grid.png").is_file()
    (tmp_path / "file").write_text("")
    assert "--out: received" in refused("sample", trained, "--out", tmp_path / "file/x.npz")
    (tmp_path / "folder.png").mkdir()
    assert "which is a folder" in refused("sample", trained, "--out", tmp_path / "folder.png")


@pytest.mark.slow
def test_classes_are_named_or_numbered(tmp_path):
    for name in ("bag", "coat", "3"):
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.new("RGB", (16, 16)).save(tmp_path / "set" / name / "0.png")
    def classes(value):
        return run("train", tmp_path / "set", *SMALL, "--dry-run", "--set", "data.held_out=0", "--set", f"data.classes={value}")
    for value in ("coat", "[coat]", '["coat"]', "2"):  # in the order of their names: 3, bag, coat
        assert "classes = [2]" in classes(value).stdout, classes(value).stderr
    assert "classes = [1, 2]" in classes("bag,2").stdout
    wrong = classes("cout")
    assert wrong.returncode == 2 and 'data.classes: received "cout", accepted: 3, bag, coat' in wrong.stderr
    assert '(did you mean "coat"?)' in wrong.stderr


def test_old_keys_are_understood_with_a_notice(tmp_path):
    recipe = tmp_path / "old.toml"
    recipe.write_text("[generator]\nnetwork = \"mlp\"\nsteps_per_turn = 2\n[discriminator]\nnetwork = \"mlp\"\n")
    out = tmp_path / "run"
    quick = ["--set", "training.batch_size=8", "--referee", "off", "--set", "training.tensorboard=false"]
    result = run("train", "synthetic:ring8", "--recipe", recipe, "--out", out, "--steps", 2, *quick,
                 "--set", "discriminator.steps_per_turn=3")
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines() == [
        f"{recipe}:3: generator.steps_per_turn is now called generator.turns_per_step; the next version will not know the "
        "old name",
        "discriminator.steps_per_turn is now called discriminator.turns_per_step; the next version will not know the old name"]
    config = (out / "config.toml").read_text()
    assert "steps_per_turn" not in config and "turns_per_step = 2" in config and "turns_per_step = 3" in config
    # A run folder of an earlier version.
    (out / "config.toml").write_text(config.replace("turns_per_step", "steps_per_turn"))
    result = run("resume", out, "--steps", 3)
    assert result.returncode == 0 and "generator.steps_per_turn is now called" in result.stdout + result.stderr
    assert "generator.steps_per_turn is now called" in (out / "log.txt").read_text()
    assert (out / "config.toml").read_text().count("turns_per_step") == 2
    assert "steps_per_turn" not in (out / "config.toml").read_text()
