"""`forger watch`: the page's server, its answers, and whom it keeps out."""
import http.client
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import numpy
import pytest

from program import PROGRAM, refused_in_one_line
from watch_server import train_on_points, wait_until, watching


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A short training on points, which many tests read."""
    return train_on_points(tmp_path_factory.mktemp("runs") / "group/ring")


def test_a_run_is_shown_with_all_that_it_has(run):
    with watching(run.parent.parent) as server:
        about = server.json("about")
        assert about["languages"] == ["en", "ja"] and about["version"]
        [found] = server.json("runs")["runs"]
        assert (found["name"], found["recipe"], found["data"]) == ("group/ring", "points", "synthetic:ring8")
        assert found["step"] == 300 and found["training"] is False and found["note"] is None
        assert found["shape"] == [2, 1, 1]
        whole = server.json(f"runs/{found['id']}")
        lines = (run / "verdicts.jsonl").read_text().splitlines()
        assert whole["verdict"] == json.loads(lines[-1])
        assert [verdict["step"] for verdict in whole["verdicts"]] == [json.loads(line)["step"] for line in lines]
        assert whole["previews"] == [0, 100, 200, 300] and whole["real"] and whole["grid"] is None and whole["points"]
        assert {"name": "losses.generator", "journal": "steps"} in whole["series"]
        assert {"name": "kid", "journal": "checks"} in whole["series"]
        assert whole["settings"] == (run / "config.toml").read_text()
        japanese = server.json(f"runs/{found['id']}?language=ja")
        for theirs, ours in zip([japanese["verdict"], *japanese["verdicts"]], [whole["verdict"], *whole["verdicts"]], strict=True):
            assert all(theirs[key] == ours[key] for key in ("step", "state", "since_step", "also"))
            assert re.search("[ぁ-ん]", theirs["sentence"]), theirs["sentence"]


def test_series_are_the_journals_numbers(run):
    steps = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()]
    with watching(run) as server:
        place = server.one_run()
        names = "losses.generator,logits.real.p_real,players.discriminator.gradient_norm"
        found = server.json(f"{place}/series?names={names}&points=1000")
        assert found["steps"] == [step["step"] for step in steps] and not found["thinned"]
        assert found["series"]["losses.generator"] == [step["losses"]["generator"] for step in steps]
        assert found["series"]["logits.real.p_real"] == [step["logits"]["real"]["p_real"] for step in steps]
        some = server.json(f"{place}/series?names={names}&from=10&to=19&points=1000")
        assert some["steps"] == list(range(10, 20)) and (some["first"], some["last"]) == (1, 300)
        few = server.json(f"{place}/series?names={names}&points=20")
        assert few["thinned"] and len(few["steps"]) == 20
        assert max(few["series"]["losses.generator"]) == max(found["series"]["losses.generator"])
        some = server.json(f"{place}/series?names={names}&points=20&thin=rows")
        assert some["steps"] == list(range(15, 301, 15))
        assert some["series"]["losses.generator"] == [steps[step - 1]["losses"]["generator"] for step in some["steps"]]
        checks = server.json(f"{place}/series?journal=checks&names=kid")
        assert checks["series"]["kid"] == [json.loads(line)["kid"] for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_previews_are_the_files(run):
    with watching(run) as server:
        place = "/api/v1/" + server.one_run()
        for name, kind in itertools.product(("00000100", "real"), (("png", "image/png"), ("json", "application/json"))):
            address = f"{place}/previews/{name.lstrip('0')}.{kind[0]}"
            status, body, headers = server.ask(address)
            assert status == 200 and body == (run / f"previews/{name}.{kind[0]}").read_bytes()
            assert headers["Content-Type"] == kind[1]
            again, body, _ = server.ask(address, headers={"If-None-Match": headers["ETag"]})
            assert (again, body) == (304, b"")
        for path in ("7.png", "7.json", "..%2f..%2fconfig.toml", "../config.toml", "real.txt", "99999999999999999999.png"):
            assert server.ask(f"{place}/previews/{path}")[0] == 404, path


def test_points_come_with_what_gan_lab_draws(run):
    whole = [json.loads((run / f"previews/{step:08}.json").read_text()) for step in (0, 100, 200, 300)]
    reals = json.loads((run / "previews/real.json").read_text())
    assert len(reals["reals"]) == 1000 and (numpy.hypot(*numpy.transpose(reals["reals"])) - 1 < 0.1).all()  # ring8
    for preview in whole:
        assert preview["bounds"] == reals["bounds"] and len(preview["fakes"]) == 1000 and preview["classes"] == 0
        manifold, field = preview["manifold"], preview["field"]
        assert len(manifold["points"]) == manifold["rows"] * manifold["columns"] and manifold["latent_size"] == 16
        p_real = numpy.reshape(field["p_real"], (field["side"], field["side"]))
        assert (0 <= p_real).all() and (p_real <= 1).all() and not field["fitted"]
    # From the first step on, where real points lie is likelier to be called real than the corners, and samples spread.
    low, high = reals["bounds"]
    cells = ((numpy.array(reals["reals"]) - low) / (high - low) * field["side"]).astype(int)
    assert p_real[field["side"] - 1 - cells[:, 1], cells[:, 0]].mean() > p_real[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
    spreads = [numpy.std(preview["fakes"]) for preview in whole]
    assert spreads[0] < spreads[-1]


def test_a_run_without_the_numbers_of_its_points_has_pictures(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    for file in (copy / "previews").glob("*.json"):
        file.unlink()
    with watching(copy) as server:
        whole = server.json(server.one_run())
        assert whole["previews"] == [0, 100, 200, 300] and whole["points"] is False


def test_bad_questions_get_one_line(run):
    with watching(run) as server:
        place = server.one_run()
        for path, status, words in (("runs/0123456789abcdef", 404, "no such run"), ("runs/..%2f..", 404, "no such path"),
                                    ("nothing", 404, "no such path"), (f"{place}?language=fr", 400, "accepted: en, ja"),
                                    (f"{place}/series?names=none", 400, "names: received none"),
                                    (f"{place}/series?journal=log", 400, "accepted: steps, checks"),
                                    (f"{place}/series?names=seconds&points=many", 400, "points: received many"),
                                    (f"{place}/series?names=seconds&thin=x", 400, "accepted: extremes, rows"),
                                    (f"{place}/events?after=x", 400, "after")):
            error = server.json(path, status)["error"]
            assert words in error and "\n" not in error, error
        assert server.ask("/api/v1/login", "POST", b"x" * (33 << 20))[0] == 413
        assert server.json("login", 401, method="POST", body="[1")["error"] == "this is not the token"


def routes():
    """Every route of the documentation, as (method, path)."""
    text = (pathlib.Path(os.environ["FORGER_SOURCE"]) / "docs/http.md").read_text().split("## A model")[0]
    found = re.findall(r"^\| `(GET|POST) ([a-zA-Z/.]+)", text, re.MULTILINE)
    assert len(found) > 10
    return found


@pytest.fixture(scope="module")
def server(run):
    with watching(run) as server:
        yield server


@pytest.mark.parametrize("method, path", routes())
def test_every_route_refuses_what_it_cannot_read_in_one_line(server, method, path):
    def filled(path, run="0123456789abcdef", step="300", task="sample"):
        return path.replace("runs/ID", run).replace("STEP", step).replace("TASK", task).replace("NAME", "job")

    place = server.one_run()
    other = "GET" if method == "POST" else "POST"
    wrong = [(other, filled(path, place), (404, 405)), (method, filled(path, place) + "/more", (404,)),
             (method, filled(path, place) + "%00", (400, 404)), (method, filled(path, place) + "/../../../etc/passwd", (404,))]
    if "ID" in path:
        wrong += [(method, filled(path, "runs/0123456789abcdef"), (404,)), (method, filled(path, "runs/%2e%2e"), (404,)),
                  (method, filled(path, "runs/" + "a" * 5000), (404,))]
    if "STEP" in path:
        wrong += [(method, filled(path, place, step=step), (404,)) for step in ("301", "-1", "x", "9" * 15, "9" * 40, "..")]
    if "TASK" in path:
        wrong += [(method, filled(path, place, task=task), (404,)) for task in ("nothing", "upscale", "..", "%2f")]
        wrong += [(method, filled(path, place) + question, (400,)) for question in ("?count=x", "?count=", "?more=1", "?seed=" + "9" * 40)]
    if path.endswith("events"):
        wrong += [(method, filled(path, place) + f"?after={after}", (400,)) for after in ("x", "9" * 40)]
    if path.endswith("series"):
        wrong += [(method, filled(path, place) + question, (400,)) for question in ("?names=none", "?journal=x", "?from=x", "?to=1e9", "?thin=x")]
    for asked, place_of, statuses in wrong:
        status, body, headers = server.ask("/api/v1/" + place_of, asked, b"\xff\x00{[" if asked == "POST" else None)
        assert status in statuses, (asked, place_of, status, body)
        error = json.loads(body)["error"]
        assert error and "\n" not in error, (asked, place_of, body)
    assert server.one_run() == place  # and it goes on


@pytest.mark.slow
def test_what_is_new_in_a_training_is_told(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    steps = (copy / "steps.jsonl").read_text().splitlines(keepends=True)
    (copy / "steps.jsonl").write_text("".join(steps[:100]) + steps[100][:20])
    with watching(copy) as server:
        place = server.one_run()
        start = server.json(place)
        assert start["step"] == 100
        with server.events(f"{place}/events?after={start['event']}") as events:
            with open(copy / "steps.jsonl", "a") as journal:
                journal.write(steps[100][20:] + steps[101])
            name, news = next(event for event in events if event[0] == "steps")
            assert news["steps"] == [101, 102]
            assert news["series"]["losses.generator"] == [json.loads(line)["losses"]["generator"] for line in steps[100:102]]
            assert next(event for event in events if event[0] == "run")[1]["step"] == 102
            shutil.copy(run / "previews/00000300.png", copy / "previews/00000400.png")
            assert next(event for event in events if event[0] == "preview")[1] == {"step": 400}
            (copy / "steps.jsonl").write_text("".join(steps[:50]))  # went back to a checkpoint
            assert any(name == "again" for name, _ in events)
            shutil.rmtree(copy)
            assert any(name == "gone" for name, _ in events)
        wait_until(lambda: not server.json("runs")["runs"])
        shutil.copytree(run, copy)
        wait_until(lambda: server.json("runs")["runs"])
        assert server.one_run() == place


def test_damaged_runs_are_noted_and_the_others_shown(run, tmp_path):
    good, odd = tmp_path / "good", tmp_path / "odd"
    shutil.copytree(run, good)
    shutil.copytree(run, odd)
    (odd / "config.toml").write_text("game = 7")
    (odd / "steps.jsonl").write_bytes(b"\xff\xfe\n{}\n" + (run / "steps.jsonl").read_bytes() + b'{"step": 301, "los')
    (odd / "verdicts.jsonl").write_text('{"step": "x"}\n[]\n')
    (odd / "metrics.jsonl").unlink()
    (tmp_path / "empty").mkdir()
    with watching(tmp_path) as server:
        runs = {run["name"]: run for run in server.json("runs")["runs"]}
        assert set(runs) == {"good", "odd"} and runs["good"]["note"] is None
        whole = server.json("runs/" + runs["odd"]["id"])
        assert "config.toml" in whole["note"] and whole["verdict"] is None and "2 damaged lines" in whole["note"]
        assert server.json("runs/" + runs["odd"]["id"] + "/series?names=losses.generator")["last"] == 300


def test_other_places_pages_are_kept_out(run):
    with watching(run) as server:
        for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{server.port}"}, {"Origin": "http://evil.example"},
                        {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}):
            assert "error" in server.json("runs", 403, headers=headers), headers
        _, _, headers = server.ask("/")
        assert "default-src 'self'" in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff"


def test_others_machines_need_the_token(run, tmp_path):
    (tmp_path / "token").write_text("secret-7\n")
    with watching(run, "--host", "0.0.0.0", "--token-file", tmp_path / "token") as server:
        assert server.link.endswith("/?token=secret-7")
        assert server.ask("/")[0] == 200 and server.ask("/api/v1/about")[0] == 200
        server.json("runs", 401)
        server.json("runs", 401, headers={"Authorization": "Bearer secret-8"})
        server.json("runs", headers={"Authorization": "Bearer secret-7"})
        status, _, headers = server.ask("/?token=secret-7")
        assert status == 302 and headers["Location"] == "/"
        cookie = headers["Set-Cookie"].split(";")[0]
        assert "HttpOnly" in headers["Set-Cookie"] and "SameSite=Strict" in headers["Set-Cookie"]
        server.json("runs", headers={"Cookie": cookie})
        _, _, headers = server.ask("/api/v1/login", "POST", json.dumps({"token": "secret-7"}))
        assert headers["Set-Cookie"].startswith(cookie)
    with watching(run, "--host", "0.0.0.0") as server:  # one is drawn
        token = server.link.split("token=")[1]
        assert len(token) == 32
        server.json("runs", headers={"Authorization": "Bearer " + token})
    (tmp_path / "token").write_text("with space")
    assert "--token-file" in refused_in_one_line("watch", run, "--token-file", tmp_path / "token")


def test_a_taken_port_means_the_next_one(run):
    with watching(run) as first, watching(run, "--port", first.port) as second:
        assert first.port < second.port <= first.port + 100
        assert second.one_run() == first.one_run()


def test_what_cannot_be_watched_is_one_line(tmp_path):
    assert "RUNS: received" in refused_in_one_line("watch", tmp_path / "none")
    assert "port: received 70000" in refused_in_one_line("watch", tmp_path, "--port", 70000)
    assert "cannot listen on 203.0.113.7" in refused_in_one_line("watch", tmp_path, "--host", "203.0.113.7")


@pytest.mark.slow
def test_many_listeners_and_stuck_ones_are_served(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    with watching(copy) as server:
        place = server.one_run()
        server.json(place)
        stuck = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(50)]
        for connection in stuck:
            connection.sendall(b"GET /api/v1/runs HT")
        heard = []

        def listen():
            with server.events(f"{place}/events") as events:
                heard.append(next(event for event in events if event[0] == "steps")[1]["steps"])

        listeners = [threading.Thread(target=listen) for _ in range(100)]
        for listener in listeners:
            listener.start()
        time.sleep(1)
        with open(copy / "steps.jsonl", "a") as journal:
            line = json.loads((run / "steps.jsonl").read_text().splitlines()[-1])
            journal.write(json.dumps({**line, "step": 301}) + "\n")
        for listener in listeners:
            listener.join(30)
        assert heard == [[301]] * 100
        for connection in stuck:
            connection.close()


def test_a_training_serves_its_own_page(tmp_path):
    with subprocess.Popen([PROGRAM, "train", "synthetic:ring8", "--recipe", "points", "--minutes", "2", "--quiet", "--watch",
                           "--out", tmp_path / "run"], stderr=subprocess.PIPE, text=True) as training:
        try:
            line = next(line for line in training.stderr if "watch it at http://" in line)
            port = int(line.split(":")[-1].strip("/\n"))
            end, found = time.monotonic() + 30, []
            while not (found and found[0]["step"] > 0) and time.monotonic() < end:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/api/v1/runs")
                found = json.loads(connection.getresponse().read())["runs"]
                connection.close()
                time.sleep(0.1)
            assert found[0]["training"] and found[0]["step"] > 0
            training.send_signal(signal.SIGINT)
            assert training.wait(timeout=60) in (0, 1, 130)
        finally:
            training.kill()
    assert (pathlib.Path(tmp_path) / "run/steps.jsonl").exists()
