#!/usr/bin/env python3
"""Writes item_random.json: the first draws of forger::ItemRandom by tests/support/item_random.py. Run it here."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from item_random import ItemRandom  # noqa: E402

SEED, ITEMS, LENGTH = 7, 3, 5
random = ItemRandom(SEED)
result = {"seed": SEED, "items": ITEMS, "length": LENGTH, "uniform": random.uniform(ITEMS, LENGTH),
          "normal": random.normal(ITEMS, LENGTH)}
pathlib.Path(__file__).with_name("item_random.json").write_text(json.dumps(result) + "\n")
