#!/usr/bin/env python3
"""Makes the small image files of this folder and, with Pillow, what must come out of them.

NAME.pixels holds expected pixels: a line "height width channels", then the bytes, rows of interleaved channels.
Run it with Pillow and NumPy: python tests/image/golden/make.py (made with Pillow 13.0, NumPy 2.4).
"""
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageCms, ImageOps

folder = pathlib.Path(__file__).parent
random = numpy.random.default_rng(1)


def expect(name, pixels):
    pixels = numpy.asarray(pixels, dtype=numpy.uint8)
    pixels = pixels.reshape(pixels.shape[0], pixels.shape[1], -1)
    (folder / f"{name}.pixels").write_bytes(b"%d %d %d\n" % pixels.shape + pixels.tobytes())


def smooth(height, width, channels):
    """A picture without symmetry that JPEG keeps well."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [(40 + 4 * x + y), (230 - 3 * y - x), (20 + 2 * x + 5 * y), (120 + 3 * x - y)]
    return numpy.stack([p.clip(0, 255) for p in planes[:channels]], axis=2).astype(numpy.uint8)


def png(width, height, depth, color, rows, interlace=0):
    """A PNG by hand: depths and interlacing that Pillow does not write. `rows`: the filtered stream."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def filtered(values):
    return b"".join(b"\0" + row.tobytes() for row in values)


# PNG: every mode.
grey = random.integers(0, 256, (9, 7), dtype=numpy.uint8)
color = random.integers(0, 256, (9, 7, 3), dtype=numpy.uint8)
alpha = random.integers(0, 256, (9, 7, 4), dtype=numpy.uint8)
for name, image in [("grey.png", Image.fromarray(grey)), ("rgb.png", Image.fromarray(color)),
                    ("rgba.png", Image.fromarray(alpha)),
                    ("grey_alpha.png", Image.fromarray(alpha).convert("LA")),
                    ("one_bit.png", Image.fromarray(grey).convert("1")),
                    ("palette.png", Image.fromarray(color).quantize(16))]:
    image.save(folder / name)
    mode = {"LA": "RGBA", "1": "L", "P": "RGB"}.get(image.mode, image.mode)
    expect(name, image.convert(mode))
Image.fromarray(grey).quantize(8).save(folder / "palette_alpha.png", transparency=3)
expect("palette_alpha.png", Image.open(folder / "palette_alpha.png").convert("RGBA"))
deep = random.integers(0, 65536, (9, 7), dtype=numpy.uint16)
deep[0, :4] = [0, 255, 256, 65535]  # 255 is nearer to level 1 than to 0: cutting the low byte off would be wrong
(folder / "grey16.png").write_bytes(png(7, 9, 16, 0, filtered(deep.astype(">u2"))))
expect("grey16.png", numpy.rint(deep / 257.0))
deep = random.integers(0, 65536, (9, 7, 3), dtype=numpy.uint16)
(folder / "rgb16.png").write_bytes(png(7, 9, 16, 2, filtered(deep.astype(">u2"))))
expect("rgb16.png", numpy.rint(deep / 257.0))
passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
adam7 = b"".join(filtered(color[y::dy, x::dx]) for y, x, dy, dx in passes if color[y::dy, x::dx].size)
(folder / "interlaced.png").write_bytes(png(7, 9, 8, 2, adam7, interlace=1))
expect("interlaced.png", Image.open(folder / "interlaced.png"))
(folder / "bomb.png").write_bytes(png(30000, 30000, 8, 2, b"\0" * 64))

# JPEG: modes, and each EXIF orientation.
Image.fromarray(smooth(24, 40, 1)[:, :, 0]).save(folder / "grey.jpg", quality=95)
Image.fromarray(smooth(24, 40, 3)).save(folder / "rgb.jpg", quality=95)
Image.fromarray(smooth(24, 40, 3)).save(folder / "progressive.jpg", quality=95, progressive=True)
Image.fromarray(smooth(24, 40, 4), "CMYK").save(folder / "cmyk.jpg", quality=95)
for name, mode in [("grey.jpg", "L"), ("rgb.jpg", "RGB"), ("progressive.jpg", "RGB"), ("cmyk.jpg", "RGB")]:
    expect(name, Image.open(folder / name).convert(mode))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    name = f"exif_{orientation}.jpg"
    Image.fromarray(smooth(24, 40, 3)).save(folder / name, quality=95, exif=exif, subsampling=0)
    expect(name, ImageOps.exif_transpose(Image.open(folder / name)))
exif = Image.Exif()
exif[0x0112] = 6
Image.fromarray(color).save(folder / "exif_6.png", exif=exif)
expect("exif_6.png", ImageOps.exif_transpose(Image.open(folder / "exif_6.png")))
Image.fromarray(color).save(folder / "exif_6.webp", lossless=True, exif=exif)
expect("exif_6.webp", ImageOps.exif_transpose(Image.open(folder / "exif_6.webp")))

# WebP: lossless, with alpha, animated (the first frame counts).
Image.fromarray(color).save(folder / "rgb.webp", lossless=True)
expect("rgb.webp", color)
Image.fromarray(alpha).save(folder / "rgba.webp", lossless=True, exact=True)
expect("rgba.webp", alpha)
frames = [Image.fromarray(color), Image.fromarray(255 - color)]
frames[0].save(folder / "animated.webp", save_all=True, append_images=frames[1:], lossless=True, duration=100)
expect("animated.webp", color)

# What is read but not applied: frames of a PNG; profiles, with the primaries of sRGB or with red for blue.
frames[0].save(folder / "animated.png", save_all=True, append_images=frames[1:], duration=100)
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
other = srgb.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
for kind in ["png", "jpg", "webp"]:
    Image.fromarray(color).save(folder / f"srgb_profile.{kind}", icc_profile=srgb)
    Image.fromarray(color).save(folder / f"other_profile.{kind}", icc_profile=other)
(folder / "grey_alpha16.png").write_bytes(png(2, 1, 16, 4, filtered(numpy.array([[1000, 65535, 3000, 0]], ">u2"))))

# Another kind of file under an image's name.
Image.fromarray(grey).save(folder / "gif_named.png", format="GIF")

# Channels: Pillow's luma.
expect("luma_of_rgb", Image.fromarray(color).convert("L"))

# Resize: noise, and noise of extremes, which shows overshoot.
filters = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
for channels, mode in [(1, "L"), (3, "RGB"), (4, "RGBA")]:
    noise = random.integers(0, 256, (61, 47, channels), dtype=numpy.uint8)
    if channels == 3:
        noise = (noise > 127).astype(numpy.uint8) * 255
    expect(f"noise_{channels}", noise)
    image = Image.fromarray(noise[:, :, 0] if channels == 1 else noise, mode)
    for height, width in [(32, 32), (20, 80), (70, 11), (30, 40)]:
        for name, kind in filters.items():
            expect(f"noise_{channels}_{name}_{height}x{width}", image.resize((width, height), kind))

# Masks of an L-shaped area in the codings that cannot be written by hand. They have no .pixels: what they mark is known.
area = numpy.zeros((16, 24), numpy.uint8)
area[3:12, 5:9] = area[9:12, 5:20] = 255
(folder / "mask16.png").write_bytes(png(24, 16, 16, 0, filtered((area // 255).astype(">u2"))))
numbered = numpy.where(area > 0, 300 + numpy.arange(24) // 8, 0)
(folder / "mask16_numbers.png").write_bytes(png(24, 16, 16, 0, filtered(numbered.astype(">u2"))))
Image.fromarray(area).save(folder / "mask.jpg", quality=50)
Image.fromarray(area // 255).save(folder / "mask_dark.jpg", quality=95)
Image.fromarray(area).convert("RGB").save(folder / "mask.webp", quality=50)
palette = Image.fromarray(area // 255 * 2)
palette.putpalette([0, 0, 0, 90, 0, 0, 0, 0, 60])
palette.save(folder / "mask_palette.png")

# Label maps, which store the number (5 y + 3 x) mod 11, or with two bits mod 4, in 9 rows of 13 pixels. They have no .pixels.
y, x = numpy.mgrid[0:9, 0:13]
numbers = ((5 * y + 3 * x) % 11).astype(numpy.uint8)


def packed(values, bits):
    """Rows of numbers of so many bits, the first one in the highest."""
    single = numpy.unpackbits(values[:, :, None], axis=2)[:, :, 8 - bits:]
    return filtered(numpy.packbits(single.reshape(len(values), -1), axis=1))


palette = Image.fromarray(numbers)
palette.putpalette(list(range(33, 0, -1)))
palette.save(folder / "map_palette4.png", bits=4)
palette.putpalette(list(range(255, -1, -1)) * 3)
palette.save(folder / "map_palette.png", bits=8)
(folder / "map_grey.png").write_bytes(png(13, 9, 8, 0, filtered(numbers)))
(folder / "map_grey2.png").write_bytes(png(13, 9, 2, 0, packed((5 * y + 3 * x).astype(numpy.uint8) % 4, 2)))
(folder / "map_grey16.png").write_bytes(png(13, 9, 16, 0, filtered(numbers.astype(">u2"))))
adam7 = b"".join(packed(numbers[y::dy, x::dx], 4) for y, x, dy, dx in passes if numbers[y::dy, x::dx].size)
(folder / "map_interlaced4.png").write_bytes(png(13, 9, 4, 0, adam7, interlace=1))

# The nearest pixel, which mixes none.
height, width, channels = (int(side) for side in (folder / "noise_3.pixels").read_bytes().split(b"\n")[0].split())
noise = numpy.frombuffer((folder / "noise_3.pixels").read_bytes()[-height * width * channels:], numpy.uint8)
image = Image.fromarray(noise.reshape(height, width, channels))
for height, width in [(32, 32), (20, 80), (70, 11), (30, 40)]:
    expect(f"noise_3_nearest_{height}x{width}", image.resize((width, height), Image.NEAREST))
