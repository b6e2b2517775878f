"""One picture of many recipes: a row of samples each, its name before it."""
import numpy
from PIL import Image, ImageDraw

COLUMNS = 12
NAME_PX = 150
GAP_PX = 2


def draw_sheet(path, strips):
    """`strips`: (name, uint8 images [N, side, side, 1 or 3]). Colours are kept to a palette: the file stays small."""
    height, width, channels = strips[0][1].shape[1:]
    sheet = Image.new("RGB", (NAME_PX + COLUMNS * width, len(strips) * (height + GAP_PX) - GAP_PX), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (name, images) in enumerate(strips):
        top = number * (height + GAP_PX)
        draw.text((4, top + height // 2 - 5), name, fill="black")
        row = numpy.concatenate(list(images[:COLUMNS]), axis=1)
        row = Image.fromarray(row[:, :, 0] if channels == 1 else row)
        sheet.paste(row, (NAME_PX, top))
    colours = 32 if channels == 1 else 96
    sheet.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
