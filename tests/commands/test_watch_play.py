"""`forger watch`: what people do with a run's model and its training images."""
import base64
import io
import json
import os
import shutil
import threading

import numpy
import pytest
from PIL import Image

from program import done
from watch_server import png, png_of, train_on_points, watching


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training on points."""
    return train_on_points(tmp_path_factory.mktemp("runs") / "ring")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A short training on images of noise, each unlike any other, in `run` beside `images`."""
    folder = tmp_path_factory.mktemp("pictures")
    random = numpy.random.default_rng(1)
    (folder / "images").mkdir()
    for i in range(80):
        Image.fromarray(random.integers(0, 255, (16, 16, 3), numpy.uint8)).save(folder / f"images/{i}.png")
    done("train", folder / "images", "--recipe", "fast", "--steps", 60, "--quiet", "--out", folder / "run",
         "--set", "data.size=[16,16]", "--set", "data.held_out=0.2")
    return folder


def test_people_play_with_a_runs_model(pictures):
    with watching(pictures / "run") as server:
        place = server.one_run()
        model = server.json(f"{place}/model")
        assert model["tasks"] == ["sample", "reconstruct", "restore"]
        assert (model["principal_directions"], model["encoder"], model["variety"]) == (8, False, False)

        def sample(options):
            status, body, headers = server.ask(f"/api/v1/{place}/tasks/sample?{options}", "POST")
            assert status == 200 and headers["Content-Type"] == "image/png", body
            return numpy.asarray(Image.open(io.BytesIO(body))).astype(int)

        def samples(options):
            status, body, _ = server.ask(f"/api/v1/{place}/tasks/sample?{options}", "POST", headers={"Accept": "application/json"})
            assert status == 200, body
            return [numpy.asarray(Image.open(io.BytesIO(base64.b64decode(image)))).astype(int) for image in json.loads(body)["images"]]

        # One image of each of several seeds is what the seeds give alone; a walk leads from the first to the last.
        several = samples("seeds=3,4,5")
        assert len(several) == 3 and abs(several[1] - several[0]).max() > 8
        for seed, image in zip((3, 4, 5), several, strict=True):
            assert abs(image - sample(f"seed={seed}")).max() <= 1, seed
        walk = samples("seeds=3,4&interpolate=true&count=9")
        assert len(walk) == 9 and abs(walk[0] - several[0]).max() <= 1 and abs(walk[8] - several[1]).max() <= 1
        steps = [abs(walk[i + 1] - walk[i]).mean() for i in range(8)]
        assert 0 < max(steps) < 0.5 * abs(walk[8] - walk[0]).mean()
        assert len(samples("seeds=3,4,5&interpolate=true&count=5")) == 5

        plain, moved = sample("seed=3"), sample("seed=3&along=0:4,1:-4")
        assert plain.shape == moved.shape == (16, 16, 3)
        assert (sample("seed=3") == plain).all() and abs(moved - plain).max() > 0
        for path, status, words in (("tasks/sample?along=8:1", 400, "along: received 8:1"), ("tasks/sample?along=0:9", 400, "-4 to 4"),
                                    ("tasks/sample?seeds=1,x", 400, "seeds: received 1,x"), ("tasks/sample?seeds=1,2&count=5", 400, "count: received 5"),
                                    ("tasks/sample?seeds=1,2,3&interpolate=true&count=4", 400, "as many images between any two"),
                                    ("tasks/sample?along=x", 400, "along: received x"), ("tasks/upscale", 404, "does not do that"),
                                    ("tasks/reconstruct", 400, "no image")):
            assert words in server.json(f"{place}/{path}", status, method="POST")["error"]
        # A search tells how far it is, and can be ended.
        with server.events(f"{place}/events") as events:
            answers = []
            job = threading.Thread(target=lambda: answers.append(server.ask(
                f"/api/v1/{place}/tasks/reconstruct?search_steps=10000&job=mine-1", "POST", png((16, 16)))))
            job.start()
            news = next(data for name, data in events if name == "job")
            assert news["job"] == "mine-1" and 0 <= news["done"] <= 1
            server.json("jobs/mine-1/cancel", method="POST")
            job.join(60)
            assert answers[0][0] == 409, answers
        server.json("jobs/mine-2/cancel", method="POST")
        assert sample("seed=3").shape == (16, 16, 3)


def test_the_nearest_training_image_of_a_sample_is_found(pictures, tmp_path):
    files = sorted((pictures / "images").iterdir())
    with watching(pictures / "run") as server:
        place = server.one_run()

        def nearest(image, status=200, options=""):
            found, body, _ = server.ask(f"/api/v1/{place}/nearest{options}", "POST", image)
            assert found == status, body
            return json.loads(body)

        with server.events(f"{place}/events") as events:
            found = [nearest(files[0].read_bytes(), options="?job=first")]
            assert next(data for name, data in events if name == "job")["job"] == "first"
        found += [nearest(file.read_bytes()) for file in files[1:]]
        trained = [(file, answer) for file, answer in zip(files, found, strict=True) if answer["distance"] == 0]
        others = [answer for answer in found if answer["distance"] > 0]
        # Of what was trained on, it is the image itself; what was held out has no equal there.
        assert len(trained) == found[0]["training_images"] == found[0]["compared"]
        assert len(others) == found[0]["unseen"]["images"] > 4
        for file, answer in trained:
            assert answer["name"] == file.name and answer["unseen"]["nearer"] == 0
            assert (numpy.asarray(Image.open(io.BytesIO(base64.b64decode(answer["image"])))) == numpy.asarray(Image.open(file))).all()
        distances = sorted(answer["distance"] for answer in others)
        unseen = found[0]["unseen"]
        assert unseen["median"] == pytest.approx(distances[(len(distances) - 1) // 2], rel=1e-5)
        assert unseen["copies_below"] == pytest.approx(unseen["median"] / 10) and found[0]["notes"] == []
        for answer in others:
            assert answer["unseen"]["nearer"] == pytest.approx(distances.index(answer["distance"]) / len(distances), abs=1.1 / len(distances))
        # An image with little noise on it lies near its original, and below what counts as a copy.
        noisy = numpy.asarray(Image.open(trained[0][0])).copy()
        noisy[0, 0] ^= 1
        answer = nearest(png_of(noisy))
        assert answer["name"] == trained[0][0].name and 0 < answer["distance"] < answer["unseen"]["copies_below"]
        assert "8x8" in nearest(png((8, 8)), 400)["error"]
        assert "no image" in nearest(b"", 400)["error"] and "image" in nearest(b"x" * 50, 400)["error"]
    # Where the data are not there, it says so; where they changed, it warns.
    shutil.copytree(pictures, tmp_path / "copy")
    config = tmp_path / "copy/run/config.toml"
    config.write_text(config.read_text().replace(str(pictures), str(tmp_path / "copy")))
    (tmp_path / "copy/images" / trained[0][0].name).unlink()
    with watching(tmp_path / "copy/run") as server:
        place = server.one_run()
        body = trained[0][0].read_bytes()
        answer = json.loads(server.ask(f"/api/v1/{place}/nearest", "POST", body)[1])
        assert answer["distance"] > 0 and "not the data that it was trained on" in answer["notes"][0]
        shutil.rmtree(tmp_path / "copy/images")
        os.utime(config)
        status, body, _ = server.ask(f"/api/v1/{place}/nearest", "POST", body)
        assert status == 404 and "does not exist" in json.loads(body)["error"]


def test_points_have_no_nearest_training_image(run):
    with watching(run) as server:
        assert "on images" in server.json(f"{server.one_run()}/nearest", 404, method="POST", body=png((1, 1)))["error"]


def test_a_run_without_a_model_says_so(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    (copy / "model.safetensors").unlink()
    with watching(copy) as server:
        assert server.json(f"{server.one_run()}/model") is None
        assert "no model yet" in server.json(f"{server.one_run()}/tasks/sample", 404, method="POST")["error"]
        (copy / "model.safetensors").write_bytes(b"x" * 100)
        assert "model.safetensors" in server.json(f"{server.one_run()}/model", 400)["error"]
