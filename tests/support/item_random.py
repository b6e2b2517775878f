"""forger::ItemRandom in plain Python, for the scripts that make golden values: SplitMix64 for keys, Philox4x32-10 (Salmon
et al. 2011) for numbers. Random123's known answers are checked on import."""
import math

ITEM_DRAW = 17  # forger::Stream::item_draw
MASK32, MASK64 = 2**32 - 1, 2**64 - 1


def mixed(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK64
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK64
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK64
    return value ^ value >> 31


def derive_seed(seed, stream, index):
    return mixed(mixed(mixed(seed) ^ stream) ^ index)


def philox(counter, key):
    """Four 32-bit words of a counter of four and a key of two."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(second >> 32) ^ c[1] ^ k[0], second & MASK32, (first >> 32) ^ c[3] ^ k[1], first & MASK32]
        k = [(k[0] + 0x9E3779B9) & MASK32, (k[1] + 0xBB67AE85) & MASK32]
    return c


assert philox([0] * 4, [0] * 2) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
assert philox([MASK32] * 4, [MASK32] * 2) == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


class ItemRandom:
    def __init__(self, seed):
        self.seed, self.draws = seed, 0

    def uniform(self, items, length):
        """`items` rows of `length` numbers in [0, 1)."""
        key = derive_seed(self.seed, ITEM_DRAW, self.draws)
        self.draws += 1
        rows = []
        for item in range(items):
            words = []
            for block in range((length + 3) // 4):
                words += philox([block, 0, item, 0], [key & MASK32, key >> 32])
            rows.append([(word >> 8) / 2**24 for word in words[:length]])
        return rows

    def normal(self, items, length):
        """The same, with mean 0 and deviation 1."""
        rows = []
        for row in self.uniform(items, length + length % 2):
            numbers = []
            for u, v in zip(row[::2], row[1::2]):
                radius = math.sqrt(-2 * math.log(1 - u))
                numbers += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
            rows.append(numbers[:length])
        return rows
