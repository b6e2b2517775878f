#!/usr/bin/env python3
"""Golden values for the tests of src/metrics: torch-fidelity 0.4's own functions, and short numpy code beside them.

    pip install --no-deps torch-fidelity==0.4.0 && pip install scipy tqdm requests torch numpy
    python3 make_measures.py > measures.json

Both sides make the same features from a formula (features(), golden_features.h).
"""
import json
import math
import sys
from unittest.mock import MagicMock

import numpy as np
import scipy.spatial
import scipy.stats
import torch

# Its image networks are imported, and not used here.
for name in ("", ".transforms", ".transforms.functional", ".datasets", ".models", ".utils"):
    sys.modules["torchvision" + name] = MagicMock()
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric  # noqa: E402
from torch_fidelity.metric_kid import KEY_METRIC_KID_MEAN, kid_features_to_metric  # noqa: E402
from torch_fidelity.metric_prc import KEY_METRIC_PRECISION, KEY_METRIC_RECALL, prc_features_to_metric  # noqa: E402


def mixed(value):
    """SplitMix64."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)


def features(seed, rows, columns, scale=1.0, shift=0.0):
    """Sums of four uniform numbers: nearly normal, standard deviation 0.577 * scale."""
    values = [sum(mixed(mixed(4 * (seed * 1_000_000 + i) + part)) / 2**64 for part in range(4)) - 2
              for i in range(rows * columns)]
    return np.array(values).reshape(rows, columns) * scale + shift


def fid(a, b):
    return float(next(iter(fid_statistics_to_metric(fid_features_to_statistics(torch.from_numpy(a)),
                                                    fid_features_to_statistics(torch.from_numpy(b)), False).values())))


def kid(a, b):
    size = min(len(a), len(b))
    return kid_features_to_metric(torch.from_numpy(a), torch.from_numpy(b), kid_subsets=1, kid_subset_size=size,
                                  verbose=False)[KEY_METRIC_KID_MEAN]


def distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def density_coverage(real, fake, k):
    """As in github.com/clovaai/generative-evaluation-prdc."""
    radii = np.sort(distances(real, real), 1)[:, k]
    inside = distances(real, fake) < radii[:, None]
    return float(inside.sum(0).mean() / k), float(inside.any(1).mean())


def copying_z(training, unseen, fake):
    test = scipy.stats.mannwhitneyu(distances(fake, training).min(1), distances(unseen, training).min(1),
                                    use_continuity=False, method="asymptotic")
    n, m = len(fake), len(unseen)
    return float((test.statistic - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12))


def authenticity(training, fake):
    own = distances(training, training)
    np.fill_diagonal(own, np.inf)
    to = distances(fake, training)
    return float((to.min(1) > own.min(1)[to.argmin(1)]).mean())


def vendi(rows, bandwidth):
    shares = np.linalg.eigvalsh(np.exp(-distances(rows, rows) ** 2 / (2 * bandwidth**2)) / len(rows))
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def ndb(real, fake):
    """As in github.com/eitanrich/gans-n-gmms."""
    p, q, n, m = real / real.sum(), fake / fake.sum(), real.sum(), fake.sum()
    pooled = (p * n + q * m) / (n + m)
    z = (p - q) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float((2 * scipy.stats.norm.cdf(-np.abs(z)) < 0.05).mean())


def delong(a, b):
    """Area under the curve and its standard error."""
    wins = (np.sign(a[:, None] - b[None]) + 1) / 2
    error = math.sqrt(wins.mean(1).var(ddof=1) / len(a) + wins.mean(0).var(ddof=1) / len(b))
    return float(wins.mean()), error


def platt(real, fake):
    from scipy.optimize import minimize
    n, m = len(real), len(fake)
    scores = np.concatenate([real, fake])
    target = np.concatenate([np.full(n, (n + 1) / (n + 2)), np.full(m, 1 / (m + 2))])
    weight = np.concatenate([np.full(n, (n + m) / (2 * n)), np.full(m, (n + m) / (2 * m))])
    loss = lambda x: (weight * (np.logaddexp(0, x[0] * scores + x[1]) - target * (x[0] * scores + x[1]))).sum()
    found = minimize(loss, [0, 0], method="BFGS", options={"gtol": 1e-10})
    p = 1 / (1 + np.exp(-(found.x[0] * scores + found.x[1])))
    rows = np.stack([scores, np.ones(n + m)])
    error = np.sqrt(np.linalg.inv((rows * weight * p * (1 - p)) @ rows.T)[0, 0])
    return {"slope": float(found.x[0]), "offset": float(found.x[1]), "slope_error": float(error)}


real, fake = features(1, 120, 16), features(2, 100, 16, 1.2, 0.3)
equal = features(3, 120, 16)
few_real, few_fake = features(4, 20, 32), features(5, 20, 32, 0.5)
prc = prc_features_to_metric(torch.from_numpy(fake), torch.from_numpy(real), prc_neighborhood=3,
                             prc_batch_size=10000, save_cpu_ram=False, verbose=False)
density, coverage = density_coverage(real, fake, 5)
near = real[:40] + 0.05 * equal[:40]
scores, other_scores = np.round(features(6, 80, 1)[:, 0], 1), np.round(features(7, 60, 1)[:, 0] - 0.3, 1)
area, error = delong(scores, other_scores)
tied = scipy.stats.mannwhitneyu(scores, other_scores, use_continuity=False, method="asymptotic")
counts = np.array([60, 40, 5, 30, 20, 1]), np.array([62, 10, 9, 30, 36, 9])
p, q = counts[0] / counts[0].sum(), counts[1] / counts[1].sum()
json.dump({
    "fid": {"shifted": fid(real, fake), "equal": fid(real, equal), "fewer_than_columns": fid(few_real, few_fake)},
    "kid": {"shifted": kid(real[:100], fake), "equal": kid(real, equal), "fewer_than_columns": kid(few_real, few_fake)},
    "precision": prc[KEY_METRIC_PRECISION], "recall": prc[KEY_METRIC_RECALL],
    "density": density, "coverage": coverage,
    "copying_z": {"copies": copying_z(real, equal, near), "fresh": copying_z(real, equal, features(8, 90, 16))},
    "authenticity": {"copies": authenticity(real, near), "fresh": authenticity(real, equal)},
    "vendi": {"bandwidth_1": vendi(real, 1), "bandwidth_3": vendi(real, 3)},
    "median_distance": float(np.median(scipy.spatial.distance.pdist(real[:31]))),
    "ndb": ndb(*counts),
    "jensen_shannon": float(scipy.spatial.distance.jensenshannon(p, q) ** 2),
    "rank": {"area": area, "low": area - 1.6448536269514722 * error, "high": area + 1.6448536269514722 * error,
             "two_sided_p": float(tied.pvalue), "kolmogorov_smirnov": float(
                 scipy.stats.ks_2samp(scores, other_scores).statistic)},
    "platt": platt(scores, other_scores),
}, sys.stdout, indent=1)
print()
