"""`forger evaluate`, as a person uses it: samples made by anything against synthetic shapes."""
import json
import os

import numpy as np
import pytest

from program import refused_in_one_line, run

NAMES = {"fid", "kid", "precision", "recall", "density", "coverage", "vendi", "ndb", "swd", "c2st"}
QUICK = "fid,kid,precision-recall,density-coverage,ndb,vendi"


def refusal(*arguments):
    return refused_in_one_line("evaluate", *arguments)


def measures(*arguments):
    done = run("evaluate", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return answer, {measure["name"]: measure for measure in answer["measures"]}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """1,500 shapes of 16x16 as an IDX file, 150 of them held out."""
    folder = tmp_path_factory.mktemp("data")
    shapes = folder / "shapes"
    done = run("data", "make", "shapes", shapes, "--count", 1900, "--size", 16)
    assert done.returncode == 0, done.stderr
    from PIL import Image
    files = sorted(shapes.rglob("*.png"))
    images = np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
    images = images[np.random.default_rng(0).permutation(len(images))]
    used, fresh = images[:1500], images[1500:]
    header = bytes([0, 0, 8, 4]) + b"".join(n.to_bytes(4, "big") for n in used.shape)
    (folder / "shapes-images-idx4-ubyte").write_bytes(header + used.tobytes())
    np.savez(folder / "fresh.npz", images=fresh)
    noisy = np.clip(fresh + np.random.default_rng(1).normal(0, 30, fresh.shape), 0, 255).astype(np.uint8)
    np.savez(folder / "noisy.npz", images=noisy)
    return folder


@pytest.fixture
def idx(data):
    return data / "shapes-images-idx4-ubyte"


def test_fresh_images_measure_as_the_baseline_does(data, idx):
    answer, found = measures(data / "fresh.npz", idx, "--metrics", QUICK + ",c2st")
    assert answer["reference"] == {"source": str(idx), "count": 150, "split": "held-out", "height": 16, "width": 16,
                                   "channels": 3}
    assert answer["samples"]["count"] == 150 and answer["samples"]["resize"] == "none"
    assert len(answer["features"]["hash"]) == 8 and "patch features" in answer["features"]["net"]
    for measure in found.values():
        low, high = measure["interval"]
        assert low <= measure["value"] <= high
        slack = max(high - low, 0.3 if measure["name"] == "ndb" else 0)  # seven bins: steps of 0.14
        assert low - slack <= measure["baseline"] <= high + slack, measure


def test_everything_is_measured_unless_asked_otherwise(data, idx):
    _, found = measures(data / "fresh.npz", idx, "--count", 50)
    assert set(found) == NAMES
    low, high = found["swd"]["interval"]
    assert 0 < low < found["swd"]["value"] < high


def test_noise_is_told_from_real_images(data, idx):
    _, found = measures(data / "noisy.npz", idx, "--metrics", QUICK)
    for name in ("fid", "kid"):
        assert found[name]["interval"][0] > found[name]["baseline"], name
    assert found["coverage"]["value"] < found["coverage"]["baseline"]


def test_the_table_says_what_the_numbers_depend_on(data, idx):
    done = run("evaluate", data / "fresh.npz", idx, "--metrics", "kid,ndb")
    assert done.returncode == 0, done.stderr
    for words in ("150 images of 16x16x3", "held-out part", "hash", "kid", "ndb", "baseline", "resized: none"):
        assert words in done.stdout
    again = run("evaluate", data / "fresh.npz", idx, "--metrics", "kid,ndb").stdout
    assert done.stdout == again


def test_all_images_can_be_the_reference(data, idx):
    answer, _ = measures("--metrics", "kid", "--split", "all", data / "fresh.npz", idx)
    assert answer["reference"]["count"] == 750 and answer["samples"]["count"] == 400


def test_another_size_needs_to_be_asked_for(data, tmp_path, idx):
    with np.load(data / "fresh.npz") as arrays:
        np.savez(tmp_path / "large.npz", images=arrays["images"].repeat(2, 1).repeat(2, 2))
        np.savez(tmp_path / "grey.npz", images=arrays["images"][..., :1])
    message = refusal(tmp_path / "large.npz", idx)
    assert "received 32x32x3" in message and "accepted: 16x16x3" in message and "--resize" in message
    answer, _ = measures(tmp_path / "large.npz", idx, "--resize", "--metrics", "kid")
    assert "from 32x32 to 16x16" in answer["samples"]["resize"]
    assert "16x16x1" in refusal(tmp_path / "grey.npz", idx, "--resize")


def test_what_cannot_be_judged_is_one_line(data, tmp_path, idx):
    images = np.zeros((100, 16, 16, 3), np.uint8)
    for name, array, words in (("few", images[:10], "50 or more"), ("equal", images, "equal"),
                               ("single", images[:1], "50 or more"),
                               ("nan", np.full((100, 16, 16, 3), np.nan, np.float32), "NaN")):
        np.savez(tmp_path / f"{name}.npz", images=array)
        assert words in refusal(tmp_path / f"{name}.npz", idx)
    assert "does not exist" in refusal(tmp_path / "missing.npz", idx)
    assert "does not exist" in refusal(data / "fresh.npz", tmp_path / "missing")
    (tmp_path / "broken.npz").write_bytes(b"PK\3\4 no archive")
    assert "broken.npz" in refusal(tmp_path / "broken.npz", idx)
    assert "held out" in refusal(data / "fresh.npz", data / "shapes" / sorted(os.listdir(data / "shapes"))[0])
    assert run("evaluate", data / "fresh.npz", idx, "--metrics", "fdi").returncode == 2


def test_a_model_draws_its_own_samples(data, tmp_path, idx):
    trained = tmp_path / "run"
    done = run("train", idx, "--steps", 2, "--set", "generator.width=8", "--set", "discriminator.width=8",
               "--set", "training.batch_size=16", "--out", trained, "--quiet")
    assert done.returncode == 0, done.stderr
    answer, found = measures(trained, idx, "--metrics", "kid,density-coverage", "--device", "cpu")
    assert answer["samples"]["count"] == 150
    assert found["kid"]["value"] > found["kid"]["baseline"]
    assert measures(trained / "model.safetensors", idx, "--metrics", "kid", "--device", "cpu")[1]["kid"] == found["kid"]


def test_features_may_come_from_a_torchscript_file(data, tmp_path, idx):
    torch = pytest.importorskip("torch")

    class Means(torch.nn.Module):
        def forward(self, images: torch.Tensor, return_features: bool = False):
            rows = images.to(torch.float32).flatten(2)
            both = torch.cat([rows.mean(2), rows.std(2)], 1) / 100
            return both if return_features else both[:, :1]

    torch.jit.script(Means()).save(str(tmp_path / "means.pt"))
    answer, found = measures(data / "noisy.npz", idx, "--metrics", "fid", "--inception", tmp_path / "means.pt")
    assert answer["features"]["net"] == "means.pt, 6"
    with np.load(data / "noisy.npz") as arrays:
        assert found["fid"]["value"] > 0 and len(arrays["images"]) == 400
    (tmp_path / "none.pt").write_bytes(b"nothing")
    assert "none.pt" in refusal(data / "fresh.npz", idx, "--inception", tmp_path / "none.pt")
