"""`forger export`: the written file passes ONNX's checker, gives in ONNX Runtime what Forger gives, and says what it is."""
import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from onnx_models import MOST_DIFFERENCE, checked_export, differences, onnx, onnxruntime, session  # noqa: E402
from program import done, nearly_full, refused_in_one_line, run  # noqa: E402

#: What the command says of a detector is rounded, and its scores are float64.
MOST_SCORE_DIFFERENCE = 1e-3


@pytest.fixture(scope="module")
def upscaler(tmp_path_factory):
    """Real-ESRGAN's compact network, three convolutions wide."""
    numbers, weights, file = np.random.default_rng(1), {}, tmp_path_factory.mktemp("weights") / "compact.safetensors"
    for place, (inputs, outputs) in enumerate(((3, 8), (8, 8), (8, 12))):
        weights[f"body.{2 * place}.weight"] = numbers.normal(0, 0.1, (outputs, inputs, 3, 3)).astype("float32")
        weights[f"body.{2 * place}.bias"] = numbers.normal(0, 0.1, outputs).astype("float32")
        weights[f"body.{2 * place + 1}.weight"] = np.full(outputs, 0.2, "float32")
    del weights["body.5.weight"]
    save_file(weights, file)
    return file


@pytest.fixture(scope="module")
def stripes(tmp_path_factory):
    folder, numbers = tmp_path_factory.mktemp("stripes"), np.random.default_rng(0)
    for i in range(80):
        rows = np.arange(16)[:, None] + numbers.integers(0, 4)
        image = np.where(rows % 4 < 2, 190, 70) + numbers.normal(0, 6, (16, 16))
        Image.fromarray(image.clip(0, 255).astype("uint8")).save(folder / f"{i:02}.png")
    return folder


@pytest.fixture(scope="module")
def detector(stripes, tmp_path_factory):
    """A model with a generator, an encoder and a detector."""
    out = tmp_path_factory.mktemp("runs") / "detect"
    done("train", stripes, "--recipe", "detect", "--out", out, "--quiet", "--steps", 2, *(
        word for setting in ("data.size=16", "generator.width=4", "encoder.width=4", "discriminator.width=4",
                             "pixel_discriminator.width=4", "code_discriminator.width=8", "training.batch_size=8",
                             "data.held_out=0.5", "referee.mode=off") for word in ("--set", setting)))
    return out / "model.safetensors"


def test_an_upscaler_gives_what_it_gives_here(upscaler, tmp_path):
    assert max(differences("upscaler", upscaler, tmp_path).values()) <= MOST_DIFFERENCE


def test_pictures_go_in_and_pictures_come_out(upscaler, tmp_path):
    picture = np.random.default_rng(2).integers(0, 256, (15, 21, 3), "uint8")
    Image.fromarray(picture).save(tmp_path / "small.png")
    said = done("export", upscaler, "--out", tmp_path / "up.onnx")
    assert "upscaler in" in said and "images      uint8    [batch, height, width, 3]" in said, said
    assert "upscaled    uint8    [batch, 2*height, 2*width, 3]" in said
    made, = session(tmp_path / "up.onnx").run(None, {"images": picture[None]})
    done("upscale", upscaler, tmp_path / "small.png", "--out", tmp_path / "large.png", "--precision", "float32")
    wanted = np.asarray(Image.open(tmp_path / "large.png")).astype(int)
    assert made.shape == (1, 30, 42, 3) and np.abs(made[0].astype(int) - wanted).max() <= 1
    assert wanted.std() > 10


def test_a_size_is_fixed_where_asked_for(upscaler, tmp_path):
    file = checked_export(upscaler, tmp_path / "up.onnx", "--size", "40x30", "--opset", 18)
    assert session(file).get_inputs()[0].shape == ["batch", 30, 40, 3]
    assert onnx.load(file).opset_import[0].version == 18


def test_half_is_half_as_large_and_nearly_the_same(upscaler, tmp_path):
    pictures = np.random.default_rng(2).integers(0, 256, (2, 8, 8, 3), "uint8")
    made = [session(checked_export(upscaler, tmp_path / f"{i}.onnx", *options)).run(None, {"images": pictures})[0].astype(int)
            for i, options in enumerate(((), ("--half",)))]
    assert np.abs(made[0] - made[1]).max() <= 3
    types = {tensor.data_type for tensor in onnx.load(tmp_path / "1.onnx").graph.initializer if "weight" in tensor.name}
    assert types == {onnx.TensorProto.FLOAT16}


def test_the_file_says_where_it_comes_from(detector, tmp_path):
    file = checked_export(detector, tmp_path / "detector.onnx")
    said = {each.key: each.value for each in onnx.load(file).metadata_props}
    assert said["game"] == "autoencoding" and said["part"] == "detector" and said["recipe"] == "detect"
    assert said["steps"] == "2"


@pytest.mark.slow
def test_generator_and_encoder_give_what_they_give_here(detector, tmp_path):
    for part in ("generator", "encoder"):
        assert max(differences(part, detector, tmp_path, varied=False).values()) <= MOST_DIFFERENCE


def test_the_detectors_scores_are_the_commands(detector, stripes, tmp_path):
    names = sorted(stripes.iterdir())[:6]
    pictures = np.stack([np.asarray(Image.open(name)) for name in names])[..., None]
    done("detect", detector, *names, "--out", tmp_path / "out", "--scores-only", "--precision", "float32")
    with open(tmp_path / "out/scores.csv", newline="") as file:
        wanted = {row["file"]: row for row in csv.DictReader(file)}
    found = session(checked_export(detector, tmp_path / "detector.onnx"))
    score, p_normal, maps = found.run(["score", "p_normal", "map"], {"images": pictures})
    assert maps.shape == (6, 16, 16)
    for i, row in enumerate(wanted.values()):
        assert score[i] == pytest.approx(float(row["score"]), abs=MOST_SCORE_DIFFERENCE)
        assert p_normal[i] == pytest.approx(float(row["p_normal"]), abs=MOST_SCORE_DIFFERENCE)
    largest = differences("detector", detector, tmp_path, varied=False)
    assert max(value for output, value in largest.items() if not output.startswith("p_normal")) <= MOST_SCORE_DIFFERENCE


def test_latents_are_truncated_in_the_graph(detector, tmp_path):
    file = session(checked_export(detector, tmp_path / "generator.onnx", "--part", "generator"))
    latent = np.random.default_rng(1).normal(size=(4, 64)).astype("float32")
    made = [file.run(None, {"latent": inputs, "truncation": np.array(limit, "float32")})[0]
            for inputs, limit in ((latent, 0.5), (latent.clip(-0.5, 0.5), 0))]
    assert (made[0] == made[1]).all() and made[0].shape == (4, 16, 16, 1) and made[0].dtype == np.uint8


def test_the_written_file_is_verified(upscaler, detector, tmp_path):
    library = dict(os.environ, ONNXRUNTIME_DIR=str(Path(onnxruntime.__file__).parent))
    for model, part, outputs in ((upscaler, "upscaler", ["upscaled"]), (detector, "detector", ["score", "p_normal", "map"]),
                                 (detector, "generator", ["images"]), (detector, "encoder", ["latent"])):
        result = run("export", model, "--out", tmp_path / "x.onnx", "--part", part, "--verify", env=library)
        assert result.returncode == 0, result.stdout + result.stderr
        said = result.stdout.splitlines()
        first = next(i for i, line in enumerate(said) if line.startswith(f"ONNX Runtime {onnxruntime.__version__}, "))
        assert [line.split()[0] for line in said[first + 1:]] == outputs, said


def test_the_written_file_is_a_model_here_too(upscaler, detector, tmp_path, monkeypatch):
    monkeypatch.setenv("ONNXRUNTIME_DIR", str(Path(onnxruntime.__file__).parent))
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (15, 21, 3), "uint8")).save(tmp_path / "small.png")
    done("export", upscaler, "--out", tmp_path / "up.onnx")
    done("export", detector, "--out", tmp_path / "generator.onnx", "--part", "generator")
    pictures = {}
    for name, up, generator in (("onnx", tmp_path / "up.onnx", tmp_path / "generator.onnx"), ("model", upscaler, detector)):
        done("upscale", up, tmp_path / "small.png", "--out", tmp_path / f"{name}-up.png", "--precision", "float32")
        done("sample", generator, "--count", 4, "--out", tmp_path / f"{name}-samples.png", "--seed", 3)
        pictures[name] = [np.asarray(Image.open(tmp_path / f"{name}-{kind}.png")).astype(int) for kind in ("up", "samples")]
    for ours, theirs in zip(pictures["model"], pictures["onnx"]):
        assert ours.shape == theirs.shape and np.abs(ours - theirs).max() <= 1
    assert "upscaler" in done("info", tmp_path / "up.onnx")
    (tmp_path / "damaged.onnx").write_bytes((tmp_path / "up.onnx").read_bytes()[:500])
    assert "damaged.onnx: no whole ONNX file" in refused_in_one_line("sample", tmp_path / "damaged.onnx", "--out", tmp_path / "x.png")


def rows_of(folder):
    with open(folder / "scores.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_a_written_detector_detects_as_its_model(detector, stripes, tmp_path, monkeypatch):
    monkeypatch.setenv("ONNXRUNTIME_DIR", str(Path(onnxruntime.__file__).parent))
    done("export", detector, "--out", tmp_path / "detector.onnx")
    # One of them is larger than the model's pictures and looked at in tiles.
    Image.fromarray(np.tile(np.asarray(Image.open(stripes / "00.png")), (2, 3))).save(tmp_path / "large.png")
    asked = (*sorted(stripes.iterdir())[:6], tmp_path / "large.png", "--false-alarms", 0.05)
    said = [done("detect", model, *asked, "--precision", "float32", "--out", tmp_path / name).replace(f"/{name}/", "/OUT/")
            for name, model in (("model", detector), ("onnx", tmp_path / "detector.onnx"))]
    assert said[0] == said[1] and "1 of them, larger" in said[0]
    for ours, theirs in zip(rows_of(tmp_path / "model"), rows_of(tmp_path / "onnx"), strict=True):
        assert [ours[key] for key in ("file", "overlay", "map")] == [theirs[key] for key in ("file", "overlay", "map")]
        for key in ("score", "p_normal"):
            assert float(ours[key]) == pytest.approx(float(theirs[key]), abs=MOST_SCORE_DIFFERENCE)
        maps = [np.asarray(Image.open(tmp_path / folder / ours["map"])).astype(int) for folder in ("model", "onnx")]
        assert np.abs(maps[0] - maps[1]).max() <= 1  # of 1000 levels for a standard deviation
    assert "normal_scores" not in done("info", tmp_path / "detector.onnx")


@pytest.mark.slow
def test_what_an_onnx_file_cannot_do_is_one_line(detector, stripes, tmp_path, monkeypatch):
    monkeypatch.setenv("ONNXRUNTIME_DIR", str(Path(onnxruntime.__file__).parent))

    def message(file):
        return refused_in_one_line("detect", file, stripes, "--out", tmp_path / "x")
    done("export", detector, "--out", tmp_path / "encoder.onnx", "--part", "encoder")
    assert 'it holds a part "encoder", accepted: generator, detector' in message(tmp_path / "encoder.onnx")
    done("export", detector, "--out", tmp_path / "generator.onnx", "--part", "generator")
    assert "cannot tell normal images from others" in message(tmp_path / "generator.onnx")
    for key, value, said in (("normal_scores", None, "say no normal_scores"), ("normal_peaks", "[]", "accepted: a list"),
                             ("normal_peaks", "[1, 1e999]", "accepted: a list"), ("normal_scores", "[1e300]", "not finite")):
        model = onnx.load(checked_export(detector, tmp_path / "detector.onnx"))
        kept = {each.key: each.value for each in model.metadata_props if each.key != key} | ({key: value} if value else {})
        onnx.helper.set_model_props(model, kept)
        onnx.save(model, tmp_path / "detector.onnx")
        assert said in message(tmp_path / "detector.onnx")


def test_without_onnx_runtime_the_structure_is_checked(upscaler, tmp_path):
    torch = Path(onnxruntime.__file__).parent.parent / "torch"
    if not torch.exists():
        pytest.skip("LibTorch does not lie beside ONNX Runtime here")
    # LibTorch by another path, beside which there is nothing.
    (tmp_path / "site").mkdir()
    (tmp_path / "site/torch").symlink_to(torch)
    elsewhere = {key: value for key, value in os.environ.items() if key not in ("ONNXRUNTIME_DIR", "VIRTUAL_ENV")}
    elsewhere["LD_LIBRARY_PATH"] = str(tmp_path / "site/torch/lib")
    result = run("export", upscaler, "--out", tmp_path / "up.onnx", "--verify", env=elsewhere)
    assert result.returncode == 3, result.stdout + result.stderr
    assert "each input made before it is taken" in result.stdout.splitlines()[-1]
    assert "pip install onnxruntime" in result.stderr and result.stderr.count("\n") == 1
    assert "needs ONNX Runtime" in refused_in_one_line("info", tmp_path / "up.onnx", env=elsewhere)


@pytest.mark.slow
def test_what_cannot_be_exported_is_one_line(upscaler, detector, tmp_path):
    def message(*arguments, out=tmp_path / "x.onnx", **options):
        return refused_in_one_line("export", *arguments, "--out", out, **options)
    assert "--part: received \"encoder\", which this super-resolution model does not have; accepted: upscaler" in message(
        upscaler, "--part", "encoder")
    assert "--size: received 32x16, accepted: 16x16" in message(detector, "--size", "32x16")
    assert "--size: received \"0x4\", accepted: a side such as 32, or WIDTHxHEIGHT" in message(upscaler, "--size", "0x4")
    assert "--opset: received 12, accepted: 13 to 20" in message(upscaler, "--opset", 12)
    assert "--half: received true for the part detector" in message(detector, "--half")
    assert "accepted: a name that ends in .onnx, or in .pt" in message(upscaler, out=tmp_path / "x.pb")
    (tmp_path / "file").write_text("no folder")
    assert "file" in message(upscaler, out=tmp_path / "file/x.onnx")
    assert "cannot write" in message(upscaler, preexec_fn=nearly_full(1000))
    (tmp_path / "damaged.safetensors").write_bytes(upscaler.read_bytes()[:200])
    assert "damaged.safetensors" in message(tmp_path / "damaged.safetensors")
    script = tmp_path / "x.pt"
    assert "--opset: received 17 for TorchScript" in message(upscaler, "--opset", 17, out=script)
    assert "cannot write" in message(upscaler, out=script, preexec_fn=nearly_full(1000))
    assert not list(tmp_path.glob("*x.onnx*")) and not list(tmp_path.glob("*x.pt*"))
