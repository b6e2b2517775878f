#!/usr/bin/env python3
"""Writes two_by_three.png beside this script: 2 rows of 3 RGB pixels, by Pillow."""
import pathlib

import numpy as np
from PIL import Image

pixels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 10
Image.fromarray(pixels).save(pathlib.Path(__file__).with_name("two_by_three.png"))
