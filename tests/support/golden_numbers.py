"""Numbers from a formula, for the scripts that make golden values; tests/metrics/golden_features.h has the same in C++."""
import numpy as np


def mixed(value):
    """SplitMix64, on an array of uint64."""
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


def words(seed, count):
    """`count` whole numbers below 2^64."""
    return mixed(np.uint64(seed << 32) + np.arange(count, dtype=np.uint64))


def uniform(seed, count):
    """`count` numbers in [0, 1)."""
    return (words(seed, count) >> np.uint64(11)) / 2.0**53
