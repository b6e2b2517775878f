"""`forger evaluate`, as a person uses it: samples made by anything against synthetic shapes."""
import json

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
    """1,500 shapes of 16x16 as an IDX file, a tenth of them held out."""
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


@pytest.mark.slow
def test_fresh_images_measure_as_the_baseline_does(data, idx):
    answer, found = measures(data / "fresh.npz", idx, "--metrics", QUICK + ",c2st")
    count = answer["reference"].pop("count")
    assert abs(count - 150) < 47  # four deviations of a binomial
    assert answer["reference"] == {"source": str(idx), "split": "held-out", "height": 16, "width": 16, "channels": 3}
    assert answer["samples"]["count"] == count and answer["samples"]["resize"] == "none"
    assert len(answer["features"]["hash"]) == 8 and "patch features" in answer["features"]["net"]
    for measure in found.values():
        low, high = measure["interval"]
        assert low <= measure["value"] <= high
        slack = max(high - low, 0.3 if measure["name"] == "ndb" else 0)  # seven bins: steps of 0.14
        assert low - slack <= measure["baseline"] <= high + slack, measure


@pytest.mark.slow
def test_everything_is_measured_unless_asked_otherwise(data, idx):
    _, found = measures(data / "fresh.npz", idx, "--count", 50)
    assert set(found) == NAMES
    low, high = found["swd"]["interval"]
    assert 0 < low < found["swd"]["value"] < high


@pytest.mark.slow
def test_noise_is_told_from_real_images(data, idx):
    _, found = measures(data / "noisy.npz", idx, "--metrics", QUICK)
    for name in ("fid", "kid"):
        assert found[name]["interval"][0] > found[name]["baseline"], name
    assert found["coverage"]["value"] < found["coverage"]["baseline"]


@pytest.mark.slow
def test_the_table_says_what_the_numbers_depend_on(data, idx):
    done = run("evaluate", data / "fresh.npz", idx, "--metrics", "kid,ndb")
    assert done.returncode == 0, done.stderr
    for words in (" images of 16x16x3", "held-out part", "hash", "kid", "ndb", "baseline", "resized: none"):
        assert words in done.stdout
    again = run("evaluate", data / "fresh.npz", idx, "--metrics", "kid,ndb").stdout
    assert done.stdout == again


def test_all_images_can_be_the_reference(data, idx):
    answer, _ = measures("--metrics", "kid", "--split", "all", data / "fresh.npz", idx)
    assert answer["reference"]["count"] == 750 and answer["samples"]["count"] == 400


@pytest.mark.slow
def test_another_size_needs_to_be_asked_for(data, tmp_path, idx):
    with np.load(data / "fresh.npz") as arrays:
        np.savez(tmp_path / "large.npz", images=arrays["images"].repeat(2, 1).repeat(2, 2))
        np.savez(tmp_path / "grey.npz", images=arrays["images"][..., :1])
    message = refusal(tmp_path / "large.npz", idx)
    assert "received 32x32x3" in message and "accepted: 16x16x3" in message and "--resize" in message
    answer, _ = measures(tmp_path / "large.npz", idx, "--resize", "--metrics", "kid")
    assert "from 32x32 to 16x16" in answer["samples"]["resize"]
    assert "16x16x1" in refusal(tmp_path / "grey.npz", idx, "--resize")


def test_samples_of_many_sizes_are_brought_to_the_datas(data, tmp_path, idx):
    from PIL import Image
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    with np.load(data / "fresh.npz") as arrays:
        for i, image in enumerate(arrays["images"][:60]):
            Image.fromarray(image.repeat(1 + i % 2, 0).repeat(1 + i % 3, 1)).save(mixed / f"{i}.png")
    assert "--resize" in refusal(mixed, idx, "--metrics", "kid")
    answer, found = measures(mixed, idx, "--resize", "--metrics", "kid")
    assert "6 sizes, 16x16 to 32x48, to 16x16" in answer["samples"]["resize"]
    assert found["kid"]["interval"][0] < found["kid"]["baseline"]


def test_what_cannot_be_judged_is_one_line(data, tmp_path, idx):
    np.savez(tmp_path / "nan.npz", images=np.full((100, 16, 16, 3), np.nan, np.float32))
    assert "NaN" in refusal(tmp_path / "nan.npz", idx)
    assert "does not exist" in refusal(tmp_path / "missing.npz", idx)
    assert "does not exist" in refusal(data / "fresh.npz", tmp_path / "missing")
    (tmp_path / "broken.npz").write_bytes(b"PK\3\4 no archive")
    assert "broken.npz" in refusal(tmp_path / "broken.npz", idx)
    assert run("evaluate", data / "fresh.npz", idx, "--metrics", "fdi").returncode == 2


def test_equal_samples_have_a_distance(data, tmp_path, idx):
    np.savez(tmp_path / "black.npz", images=np.zeros((60, 16, 16, 3), np.uint8))
    _, found = measures(tmp_path / "black.npz", idx, "--metrics", "fid,kid,precision-recall,density-coverage,vendi")
    assert found["fid"]["interval"][0] > found["fid"]["baseline"]
    assert found["kid"]["interval"][0] > found["kid"]["baseline"]
    assert found["vendi"]["value"] == pytest.approx(1) and found["recall"]["value"] == 0


@pytest.mark.slow
def test_what_so_few_do_not_have_is_named_and_the_rest_is_measured(data, tmp_path, idx):
    with np.load(data / "fresh.npz") as arrays:
        for count in (1, 3):
            np.savez(tmp_path / f"{count}.npz", images=arrays["images"][:count])
    result = run("evaluate", tmp_path / "1.npz", idx, "--json", "--metrics", "fid,kid,precision-recall,density-coverage,c2st")
    assert result.returncode == 3 and "nan" not in result.stdout.lower()
    found = {measure["name"]: measure for measure in json.loads(result.stdout)["measures"]}
    for name, fewest in (("fid", 2), ("kid", 2), ("recall", 4), ("c2st", 2)):
        assert found[name]["value"] is None and found[name]["reason"] == f"received 1 sample, accepted: {fewest} or more"
    assert "not measured: fid, kid, c2st: received 1 sample" in result.stderr and "mostly chance" in result.stderr
    assert found["precision"]["value"] is not None and "reason" not in found["coverage"]
    result = run("evaluate", tmp_path / "3.npz", idx, "--metrics", "fid,kid")
    assert result.returncode == 0 and "3 samples" in result.stderr
    assert "fid: received 1 sample" in refusal(tmp_path / "1.npz", idx, "--metrics", "fid")


@pytest.mark.slow
def test_data_of_a_few_images_says_what_is_missing(data, tmp_path):
    from PIL import Image
    with np.load(data / "fresh.npz") as arrays:
        images = arrays["images"]
    for count in (1, 10, 30):
        (tmp_path / str(count)).mkdir()
        for i in range(count):
            Image.fromarray(images[i]).save(tmp_path / str(count) / f"{i}.png")
    assert "2 or more" in refusal(data / "fresh.npz", tmp_path / "1", "--split", "all")
    result = run("evaluate", data / "fresh.npz", tmp_path / "10", "--split", "all", "--metrics", "fid,swd")
    assert result.returncode == 3 and "too few to learn features from" in result.stderr
    assert refusal(data / "fresh.npz", tmp_path / "10", "--split", "all", "--metrics", "fid").startswith("forger: fid: 5 training")
    result = run("evaluate", data / "fresh.npz", tmp_path / "30", "--split", "all", "--json", "--metrics", "swd")
    assert result.returncode == 0, result.stderr


def test_baseline_and_measure_have_equal_counts(data, tmp_path, idx):
    # One half of 200 images is compared with, the other stands beside 150 samples: 100 of these are measured.
    with np.load(data / "fresh.npz") as arrays:
        np.savez(tmp_path / "200.npz", images=arrays["images"][:200])
        np.savez(tmp_path / "150.npz", images=arrays["images"][200:350])
    from PIL import Image
    folder = tmp_path / "data"
    folder.mkdir()
    with np.load(tmp_path / "200.npz") as arrays:
        for i, image in enumerate(arrays["images"]):
            Image.fromarray(image).save(folder / f"{i}.png")
    result = run("evaluate", tmp_path / "150.npz", folder, "--split", "all", "--count", 150, "--json", "--metrics", QUICK + ",c2st")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["samples"]["count"] == answer["baseline"]["count"] == 100
    assert "100 of 150 samples are measured" in answer["warnings"][0]
    found = {measure["name"]: measure for measure in answer["measures"]}
    low, high = found["fid"]["interval"]
    assert low <= found["fid"]["baseline"] <= high
    for name in ("precision", "recall", "coverage", "ndb", "c2st"):
        assert 0 <= found[name]["interval"][0] <= found[name]["interval"][1] <= 1, name


@pytest.mark.slow
def test_a_model_draws_its_own_samples(data, tmp_path, idx):
    trained = tmp_path / "run"
    done = run("train", idx, "--steps", 2, "--set", "generator.width=8", "--set", "discriminator.width=8",
               "--set", "training.batch_size=16", "--out", trained, "--quiet")
    assert done.returncode == 0, done.stderr
    answer, found = measures(trained, idx, "--metrics", "kid,density-coverage", "--device", "cpu")
    assert answer["samples"]["count"] == answer["reference"]["count"]
    assert found["kid"]["value"] > found["kid"]["baseline"]
    assert measures(trained / "model.safetensors", idx, "--metrics", "kid", "--device", "cpu")[1]["kid"] == found["kid"]


@pytest.mark.slow
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
