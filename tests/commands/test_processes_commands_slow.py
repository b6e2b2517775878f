"""Commands that several processes share: what takes longer than the tests in the files beside this one."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from processes import alike, assert_same_files, ends_all_where_one_is_killed, near, ranks, same, started
from program import PROGRAM, done, run
from test_detect import detector, inspection  # noqa: F401 (fixtures)
from test_evaluate import data, idx  # noqa: F401 (fixtures)
from test_measure_upscaling import pairs  # noqa: F401 (a fixture)
from test_processes_images import assert_found_alike, odd_set, parts  # noqa: F401 (fixtures, but for the first)
from test_processes_pictures import long_work, photos  # noqa: F401 (fixtures)
from test_upscale import model, needs_ffmpeg  # noqa: F401 (a fixture)


def test_more_processes_than_pictures(model, photos, tmp_path):  # noqa: F811
    alike("upscale", model, photos / "a.png", photos / "f.png", folder=tmp_path, processes=4)


def test_resume_passes_over_what_is_there(model, photos, tmp_path):  # noqa: F811
    one, several = alike("upscale", model, photos, folder=tmp_path, processes=2)
    for out in (one, several):
        (out / "b/a.png").unlink()
    call = ("upscale", model, photos, "--resume", "--out")
    same(run(*call, one), run(*call, several, "--processes", 2), (one, several))
    assert (several / "b/a.png").exists()


@needs_ffmpeg
def test_a_video_is_one_input(model, photos, tmp_path):  # noqa: F811
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=16x16:rate=5:duration=1", tmp_path / "clip.mp4"],
                   check=True)
    alike("upscale", model, tmp_path / "clip.mp4", photos / "a.png", folder=tmp_path, processes=2, exact=False)


def test_ctrl_c_ends_all_with_what_is_done(long_work, tmp_path):
    out = tmp_path / "out"
    process = started("upscale", *long_work, "--out", out, "--processes", 2)
    while not (out.exists() and len(list(out.glob("*.png"))) > 2):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    made = len(list(out.glob("*.png")))
    assert process.returncode == 130 and not output and errors == f"stopped after {made} of 60\n", errors


def test_where_nothing_can_be_used_it_is_said_once(detector, parts, tmp_path):  # noqa: F811
    call = ("detect", detector, parts / "good/small.png", parts / "square/001.png", "--out", tmp_path / "out")
    same(run(*call), run(*call, "--processes", 2))


def test_one_json_of_all_and_more_processes_than_images(detector, parts, tmp_path):  # noqa: F811
    call = ("detect", detector, parts / "good/000.png", parts / "good/001.png", "--scores-only", "--json", "--out", tmp_path / "out")
    one, several = (json.loads(done(*call, *more)) for more in ((), ("--processes", 4)))
    assert [image["file"] for image in several["images"]] == [image["file"] for image in one["images"]]
    for alone, shared in zip(one["images"], several["images"], strict=True):
        assert shared["score"] == pytest.approx(alone["score"], abs=2e-3)


def test_a_process_that_is_killed_while_it_draws_ends_all(detector, tmp_path):  # noqa: F811
    out = tmp_path / "out"
    ends_all_where_one_is_killed("sample", detector, "--count", 100000, "--out", out, began=lambda: out.exists() and any(out.iterdir()))


@pytest.mark.parametrize("metrics", ["auroc,pixel-auroc,pro", "reconstruction"])
def test_several_evaluate_a_task_as_one_does(detector, inspection, metrics):  # noqa: F811
    call = ("evaluate", detector, inspection, "--metrics", metrics, "--json")
    one, several = (json.loads(done(*call, *more)) for more in ((), ("--processes", 3)))
    near(one, several)


@pytest.mark.parametrize("processes", [2, 3])
def test_several_evaluate_a_models_samples_as_one_does(detector, inspection, processes):  # noqa: F811
    call = ("evaluate", detector, inspection, "--metrics", "kid,density-coverage", "--count", 130, "--json")
    threads = {**os.environ, "OMP_NUM_THREADS": "1"}  # sums of floats are rounded by the number of threads
    same(run(*call, env=threads), run(*call, "--processes", processes, env=threads))


def test_features_of_a_network_are_shared(data, idx, tmp_path):  # noqa: F811
    torch = pytest.importorskip("torch")

    class Means(torch.nn.Module):
        def forward(self, images):
            return images.to(torch.float32).mean((2, 3)) / 255

    torch.jit.script(Means()).save(str(tmp_path / "means.pt"))
    call = ("evaluate", data / "noisy.npz", idx, "--metrics", "fid", "--inception", tmp_path / "means.pt")
    same(run(*call), run(*call, "--processes", 3))


def test_where_nothing_is_shared_that_is_said(data, idx):  # noqa: F811
    result = run("evaluate", data / "fresh.npz", idx, "--metrics", "kid", "--processes", 2)
    assert result.returncode == 0 and "one of the processes did all" in result.stderr and "kid" in result.stdout


@pytest.mark.parametrize("processes", [2, 4])
def test_several_upscale_draw_and_check_as_one_does(model, photos, detector, odd_set, tmp_path, processes):  # noqa: F811
    alike("upscale", model, photos, folder=tmp_path, processes=processes)
    (tmp_path / "samples").mkdir()
    alike("sample", detector, "--count", 150, folder=tmp_path / "samples", processes=processes)
    same(run("data", "check", odd_set, "--json"), run("data", "check", odd_set, "--json", "--processes", processes))


@pytest.mark.parametrize("metrics", ["psnr,ssim-y,feature-distance", "niqe"])
def test_several_measure_upscaling_as_one_does(model, pairs, metrics):  # noqa: F811
    call = ("evaluate", model, pairs / "high", "--metrics", metrics)
    same(run(*call), run(*call, "--processes", 3))


@pytest.mark.parametrize("rank", [0, 2])
def test_of_three_the_one_that_is_killed_is_named(long_work, tmp_path, rank):  # noqa: F811
    process = started("upscale", *long_work, "--out", tmp_path / "out", "--processes", 3)
    while not ((tmp_path / "out").exists() and any((tmp_path / "out").iterdir())):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(ranks(process)[rank], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2 and errors.startswith(f"forger: rank {rank} on ") and errors.count("\n") == 1, errors


def in_team(rank, port, *arguments):
    """One of two processes that somebody else starts."""
    environment = {"RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return started(*arguments, env={**os.environ, **{name: str(value) for name, value in environment.items()}})


def test_processes_that_somebody_else_starts(model, photos, tmp_path):  # noqa: F811
    call = ("upscale", model, photos, "--out")
    alone = run(*call, tmp_path / "one")
    both = [in_team(rank, 20002 + os.getpid() % 20000, *call, tmp_path / "two") for rank in (0, 1)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [alone.returncode, 0] and said[1] == ("", "")
    assert said[0] == tuple(text.replace(str(tmp_path / "one"), str(tmp_path / "two")) for text in (alone.stdout, alone.stderr))
    names = lambda out: sorted(path.relative_to(tmp_path / out) for path in (tmp_path / out).rglob("*"))
    assert names("one") == names("two")


def test_processes_that_see_other_pictures_are_refused(model, photos, tmp_path):  # noqa: F811
    port = 20003 + os.getpid() % 20000
    both = [in_team(rank, port, "upscale", model, inputs, "--out", tmp_path / "out") for rank, inputs in enumerate((photos, photos / "b"))]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [2, 2] and said[1] == ("", "")
    assert "rank 1: received 3 files to make" in said[0][1] and "accepted: 7 files to make" in said[0][1] and said[0][1].count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_torchrun_starts_commands_as_it_starts_trainings(detector, inspection, tmp_path):  # noqa: F811
    torchrun = pathlib.Path(sys.executable).with_name("torchrun")
    threads = {**os.environ, "OMP_NUM_THREADS": "1"}  # as torchrun gives each of several
    for call, out in ((("detect", detector, inspection), "found"), (("sample", detector, "--count", 150), "drawn"),
                      (("evaluate", detector, inspection, "--metrics", "kid", "--count", 130), None)):
        one, two = ((*call, "--out", tmp_path / f"{out}-{number}") if out else call for number in ("one", "two"))
        alone = run(*one, env=threads)
        both = subprocess.run([torchrun, "--standalone", "--no-python", "--nproc-per-node", "2", PROGRAM, *map(str, two)],
                              capture_output=True, text=True, timeout=120, env=threads)
        assert alone.returncode == 0 and both.returncode == 0, both.stderr
        assert both.stdout == alone.stdout.replace(f"{out}-one", f"{out}-two")
        if out:
            assert_same_files(tmp_path / f"{out}-one", tmp_path / f"{out}-two", exact=out != "found")
        if out == "found":
            assert_found_alike(tmp_path / "found-one", tmp_path / "found-two")
