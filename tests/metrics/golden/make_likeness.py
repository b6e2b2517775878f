#!/usr/bin/env python3
"""Writes likeness.json: PSNR and SSIM as published, in float64 and straight from the definitions.

    python3 make_likeness.py

PSNR is 10 log10(255^2 / mean squared error). SSIM is that of Wang, Bovik, Sheikh & Simoncelli 2004, as their MATLAB
program ssim_index.m computes it: an 11x11 Gaussian window of deviation 1.5, K1 = 0.01, K2 = 0.03, L = 255, the mean over
all places where a whole window fits, and over the channels. Luma is that of BT.601 in its range of 16 to 235, not rounded.

The values were compared once with scikit-image 0.26.0: PSNR equals peak_signal_noise_ratio(data_range=255), SSIM
structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255) to 2e-15.
"""
import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from golden_numbers import words  # noqa: E402


def psnr(first, second):
    """Of arrays of levels of 255."""
    return float(10 * np.log10(255**2 / ((np.float64(first) - np.float64(second)) ** 2).mean()))


def ssim(first, second):
    """Of arrays [height, width, channels] of levels of 255."""
    offsets = np.arange(11) - 5
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def mean(values):
        """Over each whole window, directly: a sum of 121 products."""
        windows = np.lib.stride_tricks.sliding_window_view(values, (11, 11))
        return np.einsum("yxij,ij->yx", windows, window)

    found = []
    for channel in range(first.shape[2]):
        a, b = np.float64(first[:, :, channel]), np.float64(second[:, :, channel])
        mean_a, mean_b = mean(a), mean(b)
        variance_a, variance_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
        covariance = mean(a * b) - mean_a * mean_b
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        found.append(((2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
                      ((mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2))).mean())
    return float(np.mean(found))


def luma(image):
    """[height, width, 1], in levels of 255, of RGB."""
    return 16 + (np.float64(image) / 255 * [65.481, 128.553, 24.966]).sum(2, keepdims=True)


def measures(truth, made):
    return {"psnr": psnr(truth, made), "ssim": ssim(truth, made),
            "psnr-y": psnr(luma(truth), luma(made)), "ssim-y": ssim(luma(truth), luma(made))}


def drawn(seed, count, values):
    """Whole numbers below `values`."""
    return (words(seed, count) % np.uint64(values)).astype(np.int64)


def pair(spread):
    """A picture of slopes and noise, [29, 37, 3], and another that is up to `spread` levels away."""
    y, x, c = np.mgrid[:29, :37, :3]
    truth = 4 * y + 2 * x + 20 * c + drawn(1, y.size, 32).reshape(y.shape)
    made = truth + drawn(2, y.size, 2 * spread + 1).reshape(y.shape) - spread
    return np.clip(truth, 0, 255), np.clip(made, 0, 255)


if __name__ == "__main__":
    golden = {str(spread): measures(*pair(spread)) for spread in (1, 10, 100)}
    pathlib.Path(__file__).with_name("likeness.json").write_text(json.dumps(golden, indent=1) + "\n")
