"""`forger upscale` as a person runs it."""
import json
import math
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import time

import numpy
import pytest
from PIL import Image, ImageCms

from program import (PROGRAM, done, live_lines, nearly_full, on_a_nearly_full_disk, on_a_terminal, refused,
                     refused_in_one_line, run)

needs_ffmpeg = pytest.mark.skipif(not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="no ffmpeg here")


def write_model(path, scale=2, features=4, blocks=1, factor=0.05, levels=(0, 65535)):
    """A compact network that adds a little noise to the nearest pixel."""
    numbers = random.Random(4)
    shapes = {}
    inputs = 3
    for i in range(blocks + 1):
        shapes[f"body.{2 * i}.weight"], shapes[f"body.{2 * i}.bias"] = (features, inputs, 3, 3), (features,)
        shapes[f"body.{2 * i + 1}.weight"] = (features,)
        inputs = features
    outputs = 3 * scale * scale
    shapes[f"body.{2 * blocks + 2}.weight"], shapes[f"body.{2 * blocks + 2}.bias"] = (outputs, inputs, 3, 3), (outputs,)
    header, content = {}, b""
    for name, shape in shapes.items():
        count = math.prod(shape)
        values = struct.pack(f"<{count}f", *(numbers.uniform(-factor, factor) for _ in range(count)))
        header["generator." + name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(content), len(content) + len(values)]}
        content += values
    options = {"network": "compact", "scale": scale, "features": features, "blocks": blocks}
    header["__metadata__"] = {
        "format": "forger-model", "version": "2", "game": "super-resolution",
        "parts": json.dumps([{"role": "generator", "kind": "upscaler", "options": options}]),
        "description": json.dumps({"image_channels": 3, "image_height_px": 32, "image_width_px": 32, "source_channels": 3,
                                   "source_height_px": 16, "source_width_px": 16, "class_names": []}),
        "levels": json.dumps(levels),
        "provenance": "{}"}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + content)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("model") / "two.safetensors")


def picture(height=20, width=30, mode="RGB", seed=1):
    channels = len(mode)
    values = numpy.random.default_rng(seed).integers(0, 256, (height // 4 + 1, width // 4 + 1, channels), "uint8")
    image = Image.fromarray(values.squeeze(), mode) if channels > 1 else Image.fromarray(values[:, :, 0], "L")
    return image.resize((width, height), Image.BICUBIC)


def near(made, source):
    """That `made` is `source` enlarged, a little noise apart."""
    enlarged = numpy.asarray(source.resize(made.size, Image.NEAREST)).astype(int)
    return numpy.abs(numpy.asarray(made).astype(int) - enlarged).mean() < 15


def test_every_kind_of_picture_keeps_its_kind(model, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, mode in (("rgb.png", "RGB"), ("rgba.png", "RGBA"), ("grey.png", "L"), ("grey_alpha.png", "LA")):
        picture(mode=mode).save(tmp_path / name, icc_profile=profile)
    deep = (numpy.arange(600).reshape(20, 30) * 100).astype("uint16")
    Image.fromarray(deep).save(tmp_path / "deep.png")
    turned = picture(seed=2)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif, quality=95, icc_profile=profile)
    out = tmp_path / "out"
    assert "6 upscaled" in done("upscale", model, tmp_path, "--out", out)
    made = {path.name: Image.open(path) for path in out.iterdir()}
    assert {name: image.mode for name, image in made.items()} == {
        "rgb.png": "RGB", "rgba.png": "RGBA", "grey.png": "L", "grey_alpha.png": "LA", "deep.png": "I;16", "turned.png": "RGB"}
    assert all(image.size == (60, 40) for name, image in made.items() if name != "turned.png")
    assert made["turned.png"].size == (40, 60)
    assert near(made["turned.png"], turned.transpose(Image.ROTATE_270))
    assert near(made["rgb.png"], picture()) and near(made["grey_alpha.png"], picture(mode="LA"))
    assert len(numpy.unique(numpy.asarray(made["deep.png"]))) > 300
    assert made["rgb.png"].info["icc_profile"] == made["turned.png"].info["icc_profile"] == profile
    assert "icc_profile" not in made["grey.png"].info  # of colours that it does not have


def test_the_progress_line_is_cut_between_two_letters(model, tmp_path):
    """Letters of two bytes each: a cut between bytes would leave half a letter."""
    picture().save(tmp_path / ("ä" * 60 + ".png"))
    columns = len(f"[........................] 0 % | {tmp_path}/") + 11
    line = live_lines(on_a_terminal("upscale", model, tmp_path, "--out", tmp_path / "out", columns=columns))[0]
    assert len(line) == columns - 1 and line.startswith("[") and line.endswith("/" + "ä" * 10), line


def test_formats_and_what_they_do_not_have(model, tmp_path):
    image = picture(mode="RGBA")
    image.save(tmp_path / "a.png")
    done("upscale", model, tmp_path / "a.png", "--out", tmp_path / "large.jpg")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    assert near(Image.open(tmp_path / "large.jpg"), white)
    done("upscale", model, tmp_path / "a.png", "--out", tmp_path / "drop", "--alpha", "drop", "--format", "webp", "--quality", 100)
    dropped = Image.open(tmp_path / "drop/a.webp")
    assert dropped.mode == "RGB" and near(dropped, white)
    assert "--format" in refused_in_one_line("upscale", model, tmp_path / "a.png", "--out", tmp_path / "x.jpg", "--format", "png")


def test_folders_keep_their_structure_and_names_do_not_meet(model, tmp_path):
    photos = tmp_path / "photos"
    for name in ("a.png", "b/a.png", "b/c/d.jpg", "b/c/d.png"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        picture(8, 8).save(photos / name)
    (photos / "notes.txt").write_text("x")
    out = tmp_path / "out"
    result = run("upscale", model, photos, "--out", out, "--suffix", "_x2", "--scale", 1.5)
    assert result.returncode == 0 and "1 .txt" in result.stderr
    made = {str(path.relative_to(out)) for path in out.rglob("*.png")}
    assert made == {"a_x2.png", "b/a_x2.png", "b/c/d_x2.png", "b/c/d_x2-2.png"} or made == {
        "a_x2.png", "b/a_x2.png", "b/c/d_x2.png", "b/c/d-2_x2.png"}
    assert Image.open(out / "a_x2.png").size == (12, 12)
    stamp = (out / "a_x2.png").stat().st_mtime_ns
    (out / "b/a_x2.png").unlink()
    text = done("upscale", model, photos, "--out", out, "--suffix", "_x2", "--scale", 1.5, "--resume")
    assert "3 of 4 were there already" in text and "1 upscaled" in text
    assert (out / "a_x2.png").stat().st_mtime_ns == stamp and (out / "b/a_x2.png").exists()


def test_an_input_is_never_overwritten(model, tmp_path):
    picture(8, 8).save(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    for arguments in ((tmp_path / "a.png", "--out", tmp_path / "a.png"), (tmp_path, "--out", tmp_path / "../" / tmp_path.name)):
        assert "would overwrite the input" in refused_in_one_line("upscale", model, *arguments)
    assert (tmp_path / "a.png").read_bytes() == before
    done("upscale", model, tmp_path, "--out", tmp_path, "--suffix", "-large")
    again = done("upscale", model, tmp_path, "--out", tmp_path, "--suffix", "-large")
    assert "left out: 1 input" in again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-large.png", "a.png"]


def test_the_letters_of_the_ncnn_tools_are_understood(model, tmp_path):
    picture(9, 7).save(tmp_path / "a.png")
    done("upscale", "-i", tmp_path / "a.png", "-o", tmp_path / "b.png", "-n", model.stem, "-m", model.parent, "-s", 4, "-t", 32, "-x")
    done("upscale", model, tmp_path / "a.png", "--out", tmp_path / "c.png", "--scale", 4, "--tile", 32, "--tta")
    assert Image.open(tmp_path / "b.png").size == (28, 36)
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "c.png").read_bytes()


def test_bad_pictures_are_named_and_the_rest_is_done(model, tmp_path):
    (tmp_path / "in").mkdir()
    picture(8, 8).save(tmp_path / "in/good.png")
    picture(4, 9000).save(tmp_path / "in/long.png")
    whole = (tmp_path / "in/good.png").read_bytes()
    (tmp_path / "in/cut.png").write_bytes(whole[:len(whole) // 2])
    (tmp_path / "in/empty.png").write_bytes(b"")
    result = run("upscale", model, tmp_path / "in", tmp_path / "gone.png", "--out", tmp_path / "out", "--format", "webp")
    assert result.returncode == 3
    lines = result.stderr.splitlines()
    assert len(lines) == 4 and all(line.startswith("skipped: ") for line in lines), result.stderr
    for words in ("in/cut.png: damaged", "in/empty.png: empty file", "in/long.png: cannot write", "at most 16383", "gone.png"):
        assert words in result.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.webp"]


def test_what_cannot_work_is_one_line(model, tmp_path):
    picture(8, 8).save(tmp_path / "a.png")
    assert "IN:" in refused_in_one_line("upscale", model, "--out", tmp_path / "x")
    (tmp_path / "folder.png").mkdir()
    assert "--tile" in refused_in_one_line("upscale", model, tmp_path / "a.png", "--out", tmp_path / "folder.png", "--tile", 7)
    result = run("upscale", model, tmp_path / "a.png", "--out", tmp_path / "x", "--scale", "nan")
    assert result.returncode == 2 and "--scale" in result.stderr, result.stderr


@on_a_nearly_full_disk
def test_a_full_disk_is_one_line_and_leaves_no_half_pictures(model, tmp_path):
    numpy_noise = numpy.random.default_rng(1).integers(0, 256, (200, 200, 3), "uint8")
    Image.fromarray(numpy_noise).save(tmp_path / "a.png")
    message = refused_in_one_line("upscale", model, tmp_path / "a.png", "--out", tmp_path / "out", preexec_fn=nearly_full(100_000))
    assert "a.png" in message and "File too large" in message
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGHUP])
def test_a_stop_leaves_whole_pictures_only(model, tmp_path, stop):
    for i in range(40):
        picture(100, 200, seed=i).save(tmp_path / f"{i:02}.png")
    out = tmp_path / "out"
    with subprocess.Popen([PROGRAM, "upscale", model, tmp_path, "--out", out, "--tile", "32"], stderr=subprocess.PIPE) as call:
        end = time.monotonic() + 60
        while not (out / "00.png").exists() and time.monotonic() < end:
            time.sleep(0.005)
        call.send_signal(stop)
        message = call.stderr.read().decode()
    assert call.returncode == 130 and "of 40" in message
    made = sorted(path.name for path in out.iterdir())
    assert 1 <= len(made) < 40
    for name in made:
        Image.open(out / name).load()


def probe(path):
    return json.loads(subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path],
                                     check=True, capture_output=True).stdout)["streams"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:00,500\nHello\n")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=48x34:rate=30000/1001", "-f", "lavfi",
                    "-i", "sine=frequency=440", "-i", folder / "words.srt", "-frames:v", "9", "-t", "0.3", "-c:v", "libx264",
                    "-c:a", "aac", "-c:s", "mov_text", folder / "clip.mp4"], check=True)
    return folder / "clip.mp4"


@needs_ffmpeg
def test_videos_keep_frames_rate_sound_and_subtitles(model, clip, tmp_path):
    done("upscale", model, clip, "--out", tmp_path / "big.mp4")
    before = {stream["codec_type"]: stream for stream in probe(clip)}
    after = {stream["codec_type"]: stream for stream in probe(tmp_path / "big.mp4")}
    assert set(after) == set(before) == {"video", "audio", "subtitle"}
    for key in ("nb_read_frames", "avg_frame_rate"):
        assert after["video"][key] == before["video"][key], key
    assert (after["video"]["width"], after["video"]["height"]) == (96, 68)
    assert after["audio"]["codec_name"] == before["audio"]["codec_name"]
    assert after["audio"]["nb_read_frames"] == before["audio"]["nb_read_frames"]
    assert [path.name for path in tmp_path.iterdir()] == ["big.mp4"]


@on_a_nearly_full_disk
@needs_ffmpeg
def test_videos_that_cannot_be_read_or_written_leave_nothing(model, clip, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes()[:1000])
    message = refused_in_one_line("upscale", model, broken, "--out", tmp_path / "x.mp4")
    assert "broken.mp4: cannot be read" in message
    assert "ffmpeg: " in refused_in_one_line("upscale", model, clip, "--out", tmp_path / "x.mp4", preexec_fn=nearly_full(3000))
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mp4"]


@pytest.mark.slow
@needs_ffmpeg
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGHUP])
def test_a_stop_in_a_video_leaves_nothing_of_it(model, tmp_path, stop):
    clip = tmp_path / "long.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=30", "-frames:v", "3000",
                    "-c:v", "libx264", "-preset", "ultrafast", clip], check=True)
    with subprocess.Popen([PROGRAM, "upscale", model, clip, "--out", tmp_path / "big.mp4"], stderr=subprocess.PIPE) as call:
        end = time.monotonic() + 60
        while not any(path.stat().st_size for path in tmp_path.glob(".big.mp4.*")) and time.monotonic() < end:
            time.sleep(0.01)
        call.send_signal(stop)
        message = call.stderr.read().decode()
    assert call.returncode == 130, message
    assert message == "stopped after 0 of 1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["long.mp4"]


def test_videos_without_ffmpeg_are_one_line(model, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    message = refused_in_one_line("upscale", model, tmp_path / "a.mp4", "--out", tmp_path / "b.mp4", env={**os.environ, "PATH": str(tmp_path)})
    assert "ffmpeg" in message and "Debian" in message
