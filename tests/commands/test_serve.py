"""`forger serve`: a model over HTTP."""
import base64
import concurrent.futures
import contextlib
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import threading
import time

import numpy
import pytest
from PIL import Image

from program import PROGRAM, done, refused_in_one_line


class Server:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "serve", *map(str, arguments), "--port", "0"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert "http://" in line, line
        self.port = int(line.split(":")[-1].strip("/\n"))

    def ask(self, path, method="POST", body=None, headers={}):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers

    def picture(self, path, body=None, headers={}):
        status, answer, found = self.ask(path, "POST", body, headers)
        assert status == 200 and found["Content-Type"] == "image/png", answer
        return numpy.asarray(Image.open(io.BytesIO(answer))).astype(int)

    def json(self, path, body=None, headers={}, method="POST"):
        status, answer, _ = self.ask(path, method, body, {"Accept": "application/json", **headers})
        assert status == 200, answer
        return json.loads(answer)

    def refusal(self, path, status, body=None, headers={}, method="POST"):
        found, answer, _ = self.ask(path, method, body, headers)
        assert found == status, answer
        error = json.loads(answer)["error"]
        assert "\n" not in error
        return error

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * 4096


@contextlib.contextmanager
def serving(*arguments):
    server = Server(*arguments)
    try:
        yield server
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=60) == 0
    finally:
        server.process.kill()


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def form(**parts):
    """A body of parts, and its header."""
    body = b"".join(f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\n\r\n'.encode() + content + b"\r\n"
                    for name, content in parts.items())
    return body + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    random = numpy.random.default_rng(3)
    for i in range(120):
        pixels = numpy.full((16, 16, 3), random.integers(40, 200, 3), numpy.uint8)
        pixels[4:12, 4:12] = random.integers(0, 255, 3)
        Image.fromarray(pixels).save(folder / f"{i:03}.png")
    return folder


@pytest.fixture(scope="module")
def detector(images, tmp_path_factory):
    """A model with an encoder and a detector, hardly trained."""
    run = tmp_path_factory.mktemp("run") / "vae"
    done("train", images, "--recipe", "detect", "--steps", 5, "--quiet", "--out", run, "--set", "data.size=[16,16]",
         "--set", "generator.width=8", "--set", "encoder.width=8", "--set", "discriminator.width=8", "--set",
         "data.held_out=0.3")
    return run


@pytest.fixture(scope="module")
def generator(images, tmp_path_factory):
    run = tmp_path_factory.mktemp("run") / "fast"
    done("train", images, "--recipe", "fast", "--steps", 20, "--quiet", "--out", run, "--set", "data.size=[16,16]")
    return run


def test_samples_are_those_of_the_command(generator, tmp_path):
    done("sample", generator, "--count", 3, "--seed", 7, "--out", tmp_path / "samples.npz")
    wanted = numpy.load(tmp_path / "samples.npz")["images"].astype(int)
    with serving(generator) as server:
        found = server.json("/v1/sample?count=3&seed=7")["images"]
        made = numpy.stack([numpy.asarray(Image.open(io.BytesIO(base64.b64decode(image)))) for image in found]).astype(int)
        assert made.shape == wanted.shape and abs(made - wanted).max() <= 1
        assert server.picture("/v1/sample?seed=7").shape == (16, 16, 3)
        assert server.picture("/v1/sample?count=4").shape == (38, 38, 3)
        about = server.json("/v1/model", method="GET")
        assert about["tasks"] == ["sample", "reconstruct", "restore"] and about["height"] == 16


def test_requests_that_come_together_run_together_and_get_their_own(generator):
    with serving(generator, "--batch-wait", 50) as server:
        alone = [server.picture(f"/v1/sample?seed={seed}") for seed in range(24)]
        before = metric(server, "forger_model_runs_total")
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            together = list(pool.map(lambda seed: server.picture(f"/v1/sample?seed={seed}"), range(24)))
        assert metric(server, "forger_model_runs_total") - before < 24
        for one, other in zip(alone, together):
            assert abs(one - other).max() <= 1


def metric(server, name):
    text = server.ask("/metrics", "GET")[1].decode()
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))


def test_images_are_judged_remade_and_filled(detector, images):
    image = Image.open(images / "000.png")
    with serving(detector) as server:
        found = server.json("/v1/detect", png(image))
        assert set(found) == {"score", "p_normal", "threshold", "verdict", "overlay"} and 0 < found["p_normal"] <= 1
        assert server.picture("/v1/detect", png(image)).shape == (16, 16, 3)
        assert server.picture("/v1/reconstruct", png(image)).shape == (16, 16, 3)
        mask = numpy.zeros((16, 16), numpy.uint8)
        mask[6:10, 6:10] = 255
        body, headers = form(image=png(image), mask=png(Image.fromarray(mask)), search_steps=b"3")
        filled = server.picture("/v1/restore", body, headers)
        known = mask == 0
        assert (filled[known] == numpy.asarray(image)[known]).all()
        large = image.resize((40, 30))
        assert "16" in server.refusal("/v1/reconstruct", 400, png(large))
        assert server.picture("/v1/reconstruct?resize=stretch", png(large)).shape == (16, 16, 3)
        assert server.picture("/v1/detect", png(large)).shape == (30, 40, 3)


def test_bad_requests_get_one_line(detector, images):
    image = png(Image.open(images / "000.png"))
    with serving(detector, "--most-pixels", 1000) as server:
        assert "accepted: count" in server.refusal("/v1/sample?number=3", 400)
        assert "count: received 65" in server.refusal("/v1/sample?count=65", 400)
        assert "seed: received x" in server.refusal("/v1/sample?seed=x", 400)
        assert "class" in server.refusal("/v1/sample?class=3", 400)
        assert "no image" in server.refusal("/v1/detect", 400)
        assert "image: " in server.refusal("/v1/detect", 400, b"no picture")
        assert "image: " in server.refusal("/v1/detect", 400, image[:len(image) // 2])
        assert "1000 pixels" in server.refusal("/v1/detect", 413, png(Image.new("RGB", (100, 100))))
        body, headers = form(image=image)
        assert "no mask" in server.refusal("/v1/restore", 400, body, headers)
        body, headers = form(image=image, mask=png(Image.new("L", (7, 7))))
        assert "mask: received 7x7" in server.refusal("/v1/restore", 400, body, headers)
        assert server.refusal("/v1/upscale", 404, image) == "no such path"
        assert server.refusal("/v1/detect", 413, b"x" * (33 << 20))
        assert "another place" in server.refusal("/v1/sample", 403, headers={"Origin": "http://evil.example"})
        assert json.loads(server.ask("/healthz", "GET")[1]) == {"status": "ok"}
        api = server.json("/openapi.json", method="GET")
        assert set(api["paths"]) == {"/v1/model", "/healthz", "/v1/sample", "/v1/reconstruct", "/v1/restore", "/v1/detect"}
        text = server.ask("/metrics", "GET")[1].decode()
        assert 'forger_requests_total{task="detect",status="400"} 3' in text
    assert "000.png" in refused_in_one_line("serve", images / "000.png")


@pytest.mark.slow
def test_what_takes_too_long_and_what_is_too_much_is_said(detector, images):
    image = png(Image.open(images / "000.png"))
    with serving(detector, "--timeout", 0.3, "--queue", 1) as server:
        assert "longer than 0.3 seconds" in server.refusal("/v1/reconstruct?search=true&search_steps=10000", 504, image)
        assert server.picture("/v1/sample").shape == (16, 16, 3)  # the search was ended
    with serving(detector, "--timeout", 20, "--queue", 1) as server:
        statuses = []

        def search():
            statuses.append(server.ask("/v1/reconstruct?search=true&search_steps=300", "POST", image)[0])

        threads = [threading.Thread(target=search) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 200 in statuses and 503 in statuses and set(statuses) == {200, 503}


def test_a_stop_finishes_what_was_accepted(detector, images):
    image = png(Image.open(images / "000.png"))
    server = Server(detector)
    try:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(
            server.ask("/v1/reconstruct?search=true&search_steps=100", "POST", image)[0])) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert answers == [200] * 3
        assert server.process.wait(timeout=60) == 0
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5)
    finally:
        server.process.kill()


@pytest.mark.slow
def test_many_requests_leave_no_memory_behind(generator):
    with serving(generator) as server:
        def ask(number):
            if number % 10 == 0:
                return server.ask("/v1/sample?count=x")[0] == 400
            return server.ask(f"/v1/sample?seed={number}")[0] == 200

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            assert all(pool.map(ask, range(500)))
            before = server.memory()
            assert all(pool.map(ask, range(500, 1500)))
        if os.path.basename(os.environ["FORGER_BUILD"]) == "release":  # sanitizers keep what was freed
            assert server.memory() < before + (8 << 20)
