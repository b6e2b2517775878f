"""`forger watch` at work, for tests."""
import contextlib
import http.client
import io
import json
import signal
import socket
import subprocess
import time

import numpy
from PIL import Image

from program import PROGRAM, done


class Server:
    """A `forger watch` at work."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "watch", *map(str, arguments)], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.line = self.process.stdout.readline()
        assert "http://" in self.line, self.line
        self.link = self.line.split()[-1]
        self.port = int(self.link.split(":")[2].split("/")[0])

    def ask(self, path, method="GET", body=None, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers

    def json(self, path, status=200, **options):
        found, body, _ = self.ask("/api/v1/" + path, **options)
        assert found == status, body
        return json.loads(body)

    def one_run(self):
        runs = self.json("runs")["runs"]
        assert len(runs) == 1, runs
        return "runs/" + runs[0]["id"]

    @contextlib.contextmanager
    def events(self, path):
        """An iterator of (event, data), as they come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/api/v1/" + path)
        response = connection.getresponse()
        assert response.status == 200 and response.headers["Content-Type"] == "text/event-stream"

        def read():
            name = ""
            while line := response.readline().decode():
                if line.startswith("event: "):
                    name = line[7:].strip()
                if line.startswith("data: "):
                    yield name, json.loads(line[6:])

        yield read()
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        assert self.process.wait(timeout=30) == 0


def wait_until(is_so):
    end = time.monotonic() + 20
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)
    assert is_so()


@contextlib.contextmanager
def watching(*arguments):
    server = Server(*arguments, "--port", 0) if "--port" not in arguments else Server(*arguments)
    try:
        yield server
        server.end()
    finally:
        server.process.kill()


def png_of(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def png(size):
    return png_of(numpy.full((*size, 3), (200, 30, 90), numpy.uint8))


def train_on_points(folder):
    """A short training on points."""
    done("train", "synthetic:ring8", "--recipe", "points", "--steps", 300, "--quiet", "--out", folder, "--seed", 1,
         "--set", "training.preview_steps=100", "--set", "training.report_steps=1", "--set", "referee.every_steps=100")
    return folder
