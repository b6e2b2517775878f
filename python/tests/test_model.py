"""What a model makes, beside what the program makes of the same."""
import csv
import os
import signal
import threading
import time

import numpy
import pytest
import torch
from PIL import Image

import forger


def picture(height=20, width=30, seed=1):
    """uint8 [3, height, width]."""
    return numpy.random.default_rng(seed).integers(0, 256, (3, height, width), "uint8")


def save(path, pixels):
    Image.fromarray(pixels.transpose(1, 2, 0)).save(path)
    return path


def read(path):
    return numpy.asarray(Image.open(path)).transpose(2, 0, 1)


def test_samples_are_those_of_the_program(run, program, tmp_path):
    program("sample", run, "--count", 6, "--seed", 3, "--out", tmp_path / "samples.npz")
    expected = numpy.load(tmp_path / "samples.npz")["images"]
    model = forger.load(run)
    pixels = model.sample_pixels(6, seed=3)
    assert (pixels.dtype, tuple(pixels.shape)) == (torch.uint8, (6, model.info.channels, 16, 16))
    assert numpy.array_equal(numpy.from_dlpack(pixels).transpose(0, 2, 3, 1), expected)
    floats = model.sample(6, seed=3)
    assert floats.dtype == torch.float32 and floats.abs().max() <= 1
    assert torch.equal(((floats + 1) * 127.5).round().to(torch.uint8), pixels)
    assert torch.equal(model.sample(2, seed=3, first=4), floats[4:])


def test_ctrl_c_ends_a_long_call_between_batches(run):
    model = forger.load(run)
    latents = torch.zeros(1, model.info.latent_size).expand(10**6, -1)
    alarm = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    alarm.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model.generate(latents)
    assert time.monotonic() - start < 5
    assert model.sample(1).shape[0] == 1


def test_latents_make_the_same_images(run):
    model = forger.load(run)
    drawn = model.draw_latents(4, seed=9)
    assert drawn.latents.shape == (4, model.info.latent_size) and drawn.labels is None
    assert torch.equal(model.generate(drawn.latents), model.sample(4, seed=9))
    assert torch.equal(model.generate(numpy.from_dlpack(drawn.latents)), model.sample(4, seed=9))
    way = model.walk(drawn.latents[:2], 5)
    assert way.shape == (6, model.info.latent_size)
    assert torch.allclose(way[0], drawn.latents[0]) and torch.allclose(way[-1], drawn.latents[1])


def test_threads_share_a_model(run):
    model, made = forger.load(run), {}
    threads = [threading.Thread(target=lambda seed=seed: made.update({seed: model.sample(8, seed=seed)}))
               for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in range(4):
        assert torch.equal(made[seed], model.sample(8, seed=seed))


def test_detection_is_that_of_the_program(inspection, program, tmp_path):
    model = forger.load(inspection)
    pixels = forger.load(inspection).sample_pixels(2).numpy()
    pixels[1, :, 4:9, 4:9] = 255
    for i, image in enumerate(pixels):
        forger.save_image(tmp_path / f"{i}.png", image)
    program("detect", inspection, tmp_path / "0.png", tmp_path / "1.png", "--out", tmp_path / "out")
    with open(tmp_path / "out/scores.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = model.detect(pixels.astype("float32") / 127.5 - 1)
    assert found.maps.shape == (2, 1, 16, 16) and found.scores.dtype == torch.float64
    for i, row in enumerate(rows):
        alone = model.detect_in(pixels[i])
        assert f"{alone.scores.item():.4f}" == row["score"]
        assert f"{alone.p_normal.item():.6g}" == row["p_normal"]
        assert found.scores[i].item() == pytest.approx(alone.scores.item(), abs=1e-4)
    assert model.score_threshold(0.01) > model.score_threshold(0.5)


def test_images_are_reconstructed(inspection):
    model = forger.load(inspection)
    images = model.sample(2)
    made = model.reconstruct(images)
    assert torch.equal(made.latents, model.encode(images))
    assert torch.equal(made.images, model.generate(made.latents))
    shares = []
    model.reconstruct(images, search=True, search_steps=5, starts=1, search_goes_on=lambda done: shares.append(done) or len(shares) < 3)
    assert len(shares) == 3 and shares == sorted(shares)
    masks = torch.zeros(2, 1, 16, 16)
    masks[:, :, :4] = 1
    filled = model.restore(images, masks, search_steps=3, starts=1)
    assert torch.equal(filled[:, :, 4:], images[:, :, 4:])


def test_enlarged_pictures_are_those_of_the_program(upscaler, program, tmp_path):
    pixels = picture()
    small = save(tmp_path / "small.png", pixels)
    program("upscale", upscaler, small, "--out", tmp_path / "large.png")
    model = forger.load(upscaler)
    assert model.info.has_upscaler and model.info.scale == 2
    assert numpy.array_equal(numpy.from_dlpack(model.upscale(pixels)), read(tmp_path / "large.png"))
    shares = []
    assert model.upscale_file(small, tmp_path / "mine.png", goes_on=lambda done: shares.append(done) or True)
    assert (tmp_path / "mine.png").read_bytes() == (tmp_path / "large.png").read_bytes()
    assert shares and shares[-1] <= 1


def test_a_file_is_not_written_where_the_work_is_ended(upscaler, tmp_path):
    model = forger.load(upscaler)
    small = save(tmp_path / "small.png", picture(200, 200))
    assert not model.upscale_file(small, tmp_path / "none.png", tile_px=32, goes_on=lambda done: False)
    with pytest.raises(ZeroDivisionError):
        model.upscale_file(small, tmp_path / "none.png", tile_px=32, goes_on=lambda done: 1 // 0)
    assert not (tmp_path / "none.png").exists()


def test_translations_are_those_of_the_program(translator, program, tmp_path):
    pixels = picture(32, 48)
    source = save(tmp_path / "source.png", pixels)
    program("translate", translator, source, "--seed", 5, "--out", tmp_path / "made.png")
    model = forger.load(translator)
    assert model.info.directions == ["a2b"] and model.info.has_variety
    made = model.translate(pixels, seed=5)
    assert numpy.array_equal(numpy.from_dlpack(made), read(tmp_path / "made.png"))
    assert not torch.equal(made, model.translate(pixels, seed=6))
    assert model.translate_file(source, tmp_path / "mine.png", seed=5)
    assert (tmp_path / "mine.png").read_bytes() == (tmp_path / "made.png").read_bytes()


def test_onnx_files_are_those_of_the_program(run, program, tmp_path):
    program("export", run, "--out", tmp_path / "program.onnx")
    written = forger.load(run).export_onnx(tmp_path / "mine.onnx")
    assert (tmp_path / "mine.onnx").read_bytes() == (tmp_path / "program.onnx").read_bytes()
    assert written.part == "generator" and written.file_bytes == (tmp_path / "mine.onnx").stat().st_size
    assert [tensor.name for tensor in written.inputs] == ["latent", "truncation"]
