"""The oracle: what state a training was really in, from its checkpoints and from what only the benchmark knows (the true
modes, unseen data, a classifier). It sees neither the referee nor the name of what was done to the run.

Each flag is True, False, or None where the truth is too close to call. `label` is the first true flag in the order that
the specification names; a run whose label hangs on a None is ambiguous and counted apart.
"""
import functools
import json
import math
import pathlib
import re

import numpy
import torch
from torch import nn
from torch.nn import functional as F

import networks
from tasks import SETS, Points
from translations import Translated, Translators, beside_truths

TRANSLATION = ["copies-input", "ignores-input", "wrong-colors"]
ORDER = ["standing-still", "diverged", "copying", "discriminator-overfitting", *TRANSLATION, "full-collapse", "cycling", "partial-collapse",
         "generator-starved", "discriminator-too-strong", "discriminator-too-weak", "converged", "good-plateau",
         "stalled", "healthy-duel"]
FAULTS = set(ORDER) - {"converged", "good-plateau", "healthy-duel"}
WINDOW = 6  # checkpoints that one label is about
STANDSTILL = ["generator-starved", "discriminator-too-strong", "stalled"]  # what keeps a generator where it is
FROZEN = 1e-5  # of a network's weights from one checkpoint to the next
STANDS, MOVES = 2e-6, 4e-6  # the same a step: who changes less stands still, who changes more does not
POINTS = 2500
IMAGES = 1000


def between(value, no, yes):
    """True beyond `yes`, False beyond `no`, None between; the two may stand in either order."""
    if value is None or math.isnan(value):
        return None
    sign = 1 if yes > no else -1
    return True if sign * value >= sign * yes else False if sign * value <= sign * no else None


def both(*flags):
    return False if False in flags else None if None in flags else True


def either(*flags):
    return True if True in flags else None if None in flags else False


def negated(flag):
    return None if flag is None else not flag


def mostly(flags, share=0.7):
    """Whether so many of the flags are true (or so many false)."""
    flags = list(flags)
    if sum(flag is True for flag in flags) >= share * len(flags):
        return True
    return False if sum(flag is False for flag in flags) >= share * len(flags) else None


def auc(high, low):
    """P(high > low), ties half: the mean rank of the one among both."""
    scores = torch.cat([high, low]).double()
    values, inverse, counts = torch.unique(scores, return_inverse=True, return_counts=True)
    ranks = (counts.cumsum(0) - (counts - 1) / 2)[inverse]
    n, m = len(high), len(low)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def effective_number(shares):
    """exp of their entropy: how many equal shares would be as varied; 0 where there are none."""
    present = shares[shares > 0]
    return float(numpy.exp(-(present * numpy.log(present)).sum())) if len(present) else 0.0


def sliced_distance(first, second, projections=64):
    """Mean Wasserstein-1 distance over directions in the plane."""
    angles = numpy.arange(projections) * math.pi / projections
    directions = numpy.stack([numpy.cos(angles), numpy.sin(angles)])
    return float(numpy.abs(numpy.sort(first @ directions, 0) - numpy.sort(second @ directions, 0)).mean())


# The generator's loss as a function of the fake's logit (and of a real one's), for the size of its gradient.
GENERATOR_LOSS = {
    "minimax": lambda fake, real: -F.softplus(fake),
    "non-saturating": lambda fake, real: F.softplus(-fake),
    "least-squares": lambda fake, real: 0.5 * (fake - 1) ** 2,
    "wasserstein": lambda fake, real: -fake,
    "wasserstein-gp": lambda fake, real: -fake,
    "hinge": lambda fake, real: -fake,
    "relativistic": lambda fake, real: F.softplus(real - fake),
}


def signal(players, objective, fakes, reals):
    """(E |dL_G / dx|, E |dL_G / dD(x)|): what of the discriminator's opinion reaches the generator, and what the loss
    leaves of it to begin with."""
    fakes = fakes.detach().requires_grad_(True)
    answers, about_reals = players.logits(fakes), players.logits(reals[:len(fakes)]).detach()
    losses = GENERATOR_LOSS[objective](answers, about_reals[:len(answers)])
    at_fakes, at_answers = torch.autograd.grad(losses.sum(), [fakes, answers])
    return float(at_fakes.flatten(1).norm(dim=1).mean()), float(at_answers.abs().mean())


def fresh_accuracy(network, reals, fakes, steps, seed=0):
    """Accuracy of a newly trained judge on halves it has not seen. `reals` and `fakes` are its inputs, equally many."""
    torch.manual_seed(seed)
    half = len(reals) // 2
    optimizer = torch.optim.Adam(network.parameters(), 2e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    inputs = torch.cat([reals[:half], fakes[:half]])
    targets = torch.cat([torch.ones(half), torch.zeros(half)])
    network.train()
    for _ in range(steps):
        chosen = torch.randint(len(inputs), (256,))
        loss = F.binary_cross_entropy_with_logits(network(inputs[chosen]).squeeze(1), targets[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()
    with torch.no_grad():
        right = [float((network(part).squeeze(1) > 0).float().mean()) for part in (reals[half:], fakes[half:])]
    return (right[0] + 1 - right[1]) / 2


class PointOracle:
    """Knows the true modes."""

    def __init__(self, task):
        self.task = task
        first, second = task.draw(POINTS, 1), task.draw(POINTS, 2)
        self.reals, self.real_tensor = first, self.tensor(first)
        self.baseline = sliced_distance(first, second)
        self.spread = float(numpy.linalg.norm(first - second, axis=1).mean())

    @staticmethod
    def tensor(points):
        return torch.from_numpy(points).float().view(-1, 2, 1, 1)

    def nearest(self, points):
        distances = numpy.linalg.norm(points[:, None] - self.task.centers[None], axis=2)
        return distances.argmin(1), distances.min(1)

    def judge_inputs(self, points):
        """The place, and the offset from the nearest mode in its own units: what no honest judge would know better."""
        mode, _ = self.nearest(points)
        offset = ((points - self.task.centers[mode]) / self.task.sigma).clip(-10, 10)
        one_hot = numpy.eye(self.task.modes)[mode]
        return torch.from_numpy(numpy.concatenate([points / self.task.scale, offset / 3, one_hot], 1)).float()

    def fresh(self, players):
        fakes = players.samples(2 * POINTS, 11, averaged=True).flatten(1).double().numpy()
        inputs = self.judge_inputs(fakes)
        network = nn.Sequential(nn.Linear(inputs.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
        return fresh_accuracy(network, self.judge_inputs(self.task.draw(2 * POINTS, 12)), inputs, 500)

    def quality(self, points):
        mode, distance = self.nearest(points)
        good = distance < 3 * self.task.sigma
        nearest = numpy.bincount(mode, minlength=self.task.modes) / len(points)
        hits = numpy.bincount(mode[good], minlength=self.task.modes) / len(points)
        return {
            "high_quality": float(good.mean()),
            # A line through the modes is no cloud.
            "filled": self.cells(points) / max(self.cells(self.reals[:max(int(good.sum()), 1)]), 1),
            "modes_hit": int((hits >= 0.2 / self.task.modes).sum()),
            "shares": [round(float(share), 4) for share in nearest],
            "missing": [int(i) for i in numpy.flatnonzero(nearest < 0.2 / self.task.modes)],
            "effective_modes": effective_number(nearest),
            "distance": sliced_distance(points, self.reals) / self.baseline,
            "spread": float(numpy.linalg.norm(points - numpy.roll(points, 1, 0), axis=1).mean() / self.spread),
            "largest": float(numpy.abs(points).max() / self.task.scale),
        }

    def cells(self, points):
        """Effective number of cells of one sigma a side, around the modes, that the points fall into."""
        mode, _ = self.nearest(points)
        offsets = (points - self.task.centers[mode]) / self.task.sigma
        inside = (numpy.abs(offsets) < 3).all(1)
        place = numpy.floor(offsets[inside] + 3).astype(int)
        counts = numpy.bincount(mode[inside] * 36 + place[:, 0] * 6 + place[:, 1])
        return effective_number(counts / max(counts.sum(), 1))

    @staticmethod
    def players(run, path):
        return networks.Players(run, path)

    def look(self, players):
        raw = players.samples(POINTS, 3)
        seen = {"raw": self.quality(raw.flatten(1).double().numpy())}
        averaged = players.samples(POINTS, 3, averaged=True).flatten(1).double().numpy()
        seen["averaged"] = self.quality(averaged) if players.averages else seen["raw"]
        with torch.no_grad():
            reals, fakes = players.logits(self.real_tensor), players.logits(raw)
        seen["auc"] = auc(reals, fakes)
        seen["memory"] = 0.5
        seen["signal"], seen["left"] = signal(players, players.config["objective"]["name"], raw[:1000], self.real_tensor[:1000])
        return seen

    def too_few(self, missing):
        return between(missing, 0, max(1, 0.08 * self.task.modes))

    def good(self, quality):
        """Whether the samples pass for the data: every mode, in its share, and within it."""
        shares = numpy.abs(numpy.array(quality["shares"]) - 1 / self.task.modes).sum() / 2
        return both(between(quality["modes_hit"] / self.task.modes, 0.95, 1), between(shares, 0.25, 0.12),
                    between(quality["high_quality"], 0.6, 0.8), between(quality["distance"], 12, 6),
                    between(quality["filled"], 0.2, 0.3))

    def perfect(self, quality):
        shares = numpy.abs(numpy.array(quality["shares"]) - 1 / self.task.modes).sum() / 2
        return both(self.good(quality), between(shares, 0.12, 0.08), between(quality["high_quality"], 0.8, 0.9))


class ImageOracle:
    """Knows images that the training never saw, and a classifier of its own."""

    CELLS = 40

    def __init__(self, task):
        from judge import Judge
        self.task = task
        whole = SETS[task.name.split("16")[0]] if task.name != "stacked" else None
        self.judge = Judge(_AsReal(whole or task))
        self.train = self.tensor(task.train[:5000])
        self.unseen = self.tensor(task.unseen[:IMAGES])
        random = numpy.random.default_rng(5)
        self.unseen_bytes = task.unseen[random.choice(len(task.unseen), IMAGES, replace=False)]
        self.centers = self.cells(self.features((whole or task).train[:8000]))
        self.real_shares = self.cell_shares(self.features(task.train[:8000]))
        self.baseline = self.judge.distance(task.unseen[:IMAGES])
        self.real_spread = self.spread_of(self.unseen_bytes)
        self.real_nearest = self.nearest_train(self.unseen_bytes)

    @staticmethod
    def tensor(images):
        return torch.from_numpy(numpy.array(images)).permute(0, 3, 1, 2).float() / 127.5 - 1

    @staticmethod
    def bytes_of(images):
        return ((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()

    @torch.no_grad()
    def features(self, images):
        return torch.cat([self.judge.network.body(part) for part in self.judge._batches(images)]).double()

    def cells(self, features):
        random = torch.Generator().manual_seed(1)
        centers = features[torch.randperm(len(features), generator=random)[:self.CELLS]]
        for _ in range(20):
            cell = torch.cdist(features, centers).argmin(1)
            centers = torch.stack([features[cell == i].mean(0) if (cell == i).any() else centers[i]
                                   for i in range(self.CELLS)])
        return centers

    def cell_shares(self, features):
        cell = torch.cdist(features, self.centers).argmin(1)
        return (torch.bincount(cell, minlength=self.CELLS).double() / len(features)).numpy()

    def spread_of(self, images):
        features = self.features(images)
        return float((features - features.roll(1, 0)).norm(dim=1).mean())

    def nearest_train(self, images):
        """Median pixel distance to the nearest training image."""
        flat = self.tensor(images).flatten(1)
        return float(torch.cdist(flat, self.train.flatten(1)).min(1).values.median())

    def quality(self, images):
        features = self.features(images)
        shares = self.cell_shares(features)
        return {
            "shares": [round(float(share), 4) for share in shares],
            "missing": [int(i) for i in numpy.flatnonzero((shares < 0.1 * self.real_shares)
                                                          & (self.real_shares > 0.01))],
            "effective_modes": effective_number(shares) / effective_number(self.real_shares) * 8,  # on the ring's scale, eight being all
            "distance": self.judge.distance(images) / self.baseline,
            "spread": float((features - features.roll(1, 0)).norm(dim=1).mean() / self.real_spread),
            "largest": 1.0,
            "nearest_train": self.nearest_train(images) / self.real_nearest,
            "classes": [round(float(share), 4) for share in self.judge.histogram(images)],
        }

    @staticmethod
    def players(run, path):
        return networks.Players(run, path)

    def look(self, players):
        raw = players.samples(IMAGES, 3)
        seen = {"raw": self.quality(self.bytes_of(raw))}
        averaged = self.bytes_of(players.samples(IMAGES, 3, averaged=True))
        seen["averaged"] = self.quality(averaged) if players.averages else seen["raw"]
        with torch.no_grad():
            train, unseen = players.logits(self.train[:IMAGES]), players.logits(self.unseen)
            fakes = players.logits(raw)
        seen["auc"] = auc(unseen, fakes)
        seen["memory"] = auc(train, unseen)
        seen["signal"], seen["left"] = signal(players, players.config["objective"]["name"], raw[:250], self.unseen[:250])
        return seen

    def fresh(self, players):
        count = min(4000, len(self.task.unseen))
        fakes = self.tensor(self.bytes_of(players.samples(count, 11, averaged=True)))
        channels = fakes.shape[1]
        network = nn.Sequential(nn.Conv2d(channels, 24, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(24, 48, 3, 2, 1),
                                nn.LeakyReLU(0.2), nn.Flatten(), nn.LazyLinear(1))
        network(fakes[:2])
        return fresh_accuracy(network, self.tensor(self.task.unseen[:count]), fakes, 300)

    def too_few(self, missing):
        return between(missing, 2, 6)

    def good(self, quality):
        return both(between(len(quality["missing"]), 4, 1), between(quality["distance"], 12, 5))

    def perfect(self, quality):
        return both(self.good(quality), between(quality["distance"], 2.5, 1.5))


class TranslationOracle(ImageOracle):
    """Knows each image's truth, also where the training never sees it."""

    def __init__(self, task):
        super().__init__(task.images)
        self.sources = self.tensor(task.make_sources(task.unseen[:4000]))
        self.train_sources = self.tensor(task.make_sources(task.train[:IMAGES]))

    def players(self, run, path):
        return Translators(run, path, self.sources)

    def look(self, players):
        raw, averaged = (players.samples(IMAGES, 3, averaged=which) for which in (False, True))
        seen = {"raw": self.quality(self.bytes_of(raw)), "averaged": self.quality(self.bytes_of(averaged))}
        seen["truths"] = beside_truths(averaged, self.unseen, self.sources[:IMAGES])
        with torch.no_grad():
            unseen, fakes = players.logits(self.unseen), players.logits(raw)
            train = players.logits(self.train[:IMAGES], self.train_sources)
        seen["auc"], seen["memory"] = auc(unseen, fakes), auc(train, unseen)
        seen["signal"], seen["left"] = signal(players, players.config["objective"]["name"], raw[:250], self.unseen[:250])
        return seen


class _AsReal:
    """A task in the shape that the judge takes its real images in."""

    def __init__(self, task):
        self.name = task.name
        self.train, self.test = (task.train, task.train_labels), (task.unseen, task.unseen_labels)
        self.classes = [str(i) for i in range(int(task.train_labels.max()) + 1)]


@functools.cache
def oracle_of(name):
    task = SETS[name]
    return (PointOracle if isinstance(task, Points) else TranslationOracle if isinstance(task, Translated) else ImageOracle)(task)


def not_finite(run, since_step=0):
    """Steps after `since_step` that a training threw away because of a number that was not finite."""
    found = re.findall(r"step (\d+): losses or gradients are not finite", (pathlib.Path(run) / "log.txt").read_text())
    return len({int(step) for step in found if int(step) > since_step})


def observe(run, task_name):
    """What can be seen at each checkpoint: {step: numbers}. Kept beside the checkpoints, so that a branch does not look
    again at what its base has seen, and a run can be judged again when they are gone."""
    oracle, kept = oracle_of(task_name), pathlib.Path(run) / f"oracle-{task_name}.json"
    seen = {int(step): glimpse for step, glimpse in json.loads(kept.read_text()).items()} if kept.exists() else {}
    paths = networks.checkpoints(run)
    before = None
    for step, path in paths.items():
        if step in seen:
            before = path
            continue
        try:
            players = oracle.players(run, path)
            players.samples(2, 1)
        except (KeyError, RuntimeError):
            continue  # of other networks: mending replaced them
        glimpse = {"step": step, "finite": players.finite,
                   "weights": {name: players.weight_norm(name) for name in ("generator", "discriminator")},
                   "moved": players.moved_since(networks.Players(run, before)) if before else None}
        before = path
        if players.finite:
            glimpse.update(oracle.look(players))
            numbers = [glimpse["auc"], glimpse["signal"], glimpse["raw"]["largest"], glimpse["raw"]["distance"]]
            glimpse["finite"] = all(math.isfinite(number) for number in numbers)
        seen[step] = glimpse
    kept.write_text(json.dumps(seen))
    return dict(sorted(seen.items()))


def returns(sets):
    """How often a mode is there, gone, and there again (or the other way round) within a window of missing sets."""
    changes = 0
    for mode in set().union(*sets):
        there = [mode not in missing for missing in sets]
        changes += max(0, sum(a != b for a, b in zip(there, there[1:])) - 1)
    return changes


def stands_still(window, player):
    """Whether a player's weights hardly change from one checkpoint to the next."""
    moves = [after["moved"][player] / (after["step"] - before["step"])
             for before, after in zip(window, window[1:]) if after.get("moved")]
    return mostly(between(move, MOVES, STANDS) for move in moves) if moves else None


def flags_of(window, reference, oracle, objective, fresh=None, bad_steps=0):
    """The truth about one window of glimpses. `reference` is the glimpse to compare sizes with (the healthy moment before,
    or the start); `fresh` the accuracy of a new judge at its end, or None where that was not measured."""
    ends = [glimpse for glimpse in window if glimpse["finite"]]
    if len(ends) < len(window):
        return {"diverged": True}
    flags = {}
    grown = max(window[-1]["weights"][name] / max(reference["weights"][name], 1e-12) for name in ("generator", "discriminator"))
    largest = max(glimpse["raw"]["largest"] for glimpse in window[-2:])
    flags["diverged"] = either(between(bad_steps, 0, 5), between(largest, 5, 50), between(grown, 10, 30))

    raw = [glimpse["raw"] for glimpse in window]
    flags["copying"] = mostly(between(seen.get("nearest_train", 1), 0.85, 0.6) for seen in raw)
    flags["discriminator-overfitting"] = mostly(between(glimpse["memory"], 0.57, 0.65) for glimpse in window)
    flags["full-collapse"] = mostly(either(between(seen["effective_modes"], 2.2, 1.3), between(seen["spread"], 0.2, 0.05))
                                    for seen in raw)

    truths = [glimpse["truths"] for glimpse in window if "truths" in glimpse]
    if truths:
        flags["copies-input"] = mostly(both(between(seen["source_distance"], 0.4, 0.25),
                                            between(seen["truth_distance"], 0.75, 0.88)) for seen in truths)
        flags["ignores-input"] = mostly(between(seen["own_truth"], 0.7, 0.6) for seen in truths)
        flags["wrong-colors"] = mostly(either(between(seen["colours"], 0.2, 0.12), between(seen["negative"], 1, 0.7))
                                       for seen in truths)

    sets = [set(seen["missing"]) for seen in raw]
    few = mostly((oracle.too_few(len(missing)) for missing in sets), 0.6)
    moves = numpy.mean([numpy.abs(numpy.subtract(a["shares"], b["shares"])).sum() / 2 for a, b in zip(raw, raw[1:])])
    always = set.intersection(*sets)
    flags["moves"] = float(moves)
    flags["cycling"] = both(negated(mostly((negated(oracle.too_few(len(missing))) for missing in sets), 0.6)),
                            between(moves, 0.2, 0.35), between(returns(sets), 0, 2))
    flags["partial-collapse"] = both(few, between(len(always) / max(numpy.mean([len(s) for s in sets]), 1e-9), 0.3, 0.6)
                                     if few is not False else False)
    # Or every mode, but a line through it.
    thin = mostly((between(seen.get("filled", 1), 0.3, 0.2) for seen in raw), 0.6)
    flags["partial-collapse"] = either(flags["partial-collapse"], thin)

    qualities = [glimpse["averaged"] for glimpse in window]
    # What a fresh judge with all the oracle's knowledge sees through in nine of ten cases is not good, whatever else is.
    passes = True if fresh is None else between(fresh, 0.92, 0.85)
    good, perfect = mostly(map(oracle.good, qualities), 0.6), mostly(map(oracle.perfect, qualities), 0.6)
    good = both(good, passes)
    # Below twice the distance of two real draws, all that changes is chance.
    distances = numpy.log([max(quality["distance"], 2) for quality in qualities])
    trend = float(numpy.polyfit(numpy.arange(len(distances)), distances, 1)[0] * (len(distances) - 1))
    noise = float(numpy.std(numpy.diff(distances)) / math.sqrt(2)) if len(distances) > 2 else 0.3
    flags["trend"], flags["noise"] = trend, noise
    hits = [quality.get("high_quality", 0) for quality in qualities]
    gain = float(numpy.polyfit(numpy.arange(len(hits)), hits, 1)[0] * (len(hits) - 1))
    flags["gain"] = gain
    improving = either(between(-trend, 0.05, max(0.15, 1.5 * noise)), between(gain, 0.02, 0.06))

    ratio = numpy.median([glimpse["signal"] for glimpse in window]) / max(reference["signal"], 1e-30)
    flags["signal_ratio"] = float(ratio)
    wins = mostly(between(glimpse["auc"], 0.9, 0.95) for glimpse in window)
    left = float(numpy.median([glimpse["left"] for glimpse in window]))
    faint = either(between(math.log10(max(ratio, 1e-30)), -2, -3), between(left, 0.1, 0.05))
    flags["generator-starved"] = both(faint, wins, negated(improving))
    always_wins = mostly(between(glimpse["auc"], 0.94, 0.98) for glimpse in window)
    flags["discriminator-too-strong"] = (False if objective.startswith("wasserstein") else
                                         both(always_wins, negated(improving), negated(faint)))
    answer = float(numpy.median([glimpse["auc"] for glimpse in window]))
    # Blind to what anyone else sees, and to no avail. While the samples pass or get better it is not at fault.
    flags["discriminator-too-weak"] = both(between(answer, 0.68, 0.6), between(fresh, 0.65, 0.75), negated(good),
                                           negated(improving))
    guesses = both(between(abs(answer - 0.5), 0.07, 0.04), between(fresh, 0.65, 0.58))
    flags["converged"] = both(guesses, perfect)
    flags["good-plateau"] = both(good, negated(improving), negated(flags["converged"]))
    flags["stalled"] = both(negated(good), between(abs(trend), 0.1, 0.03), between(abs(gain), 0.03, 0.01))
    flags["healthy-duel"] = both(negated(few), improving)
    flags["good"], flags["improving"] = good, improving
    # A generator that is taught nothing does not move either: that is another illness.
    flags["standing-still"] = both(negated(flags["generator-starved"]),
                                   either(*(stands_still(window, player) for player in ("generator", "discriminator"))))
    stands = {player: all(glimpse.get("moved") and glimpse["moved"][player] < FROZEN for glimpse in window)
              for player in ("generator", "discriminator")}
    flags["generator-stands"] = stands["generator"]
    if all(stands.values()):
        # Nobody learns. What the discriminator would say of a generator that stands still is no other illness.
        for state in ("generator-starved", "discriminator-too-strong", "discriminator-too-weak"):
            flags[state] = False
    return flags


def label_of(flags):
    """(label, accepted): the leading true state and all names that would be right; (None, candidates) where the truth is
    too close to call."""
    possible = [state for state in ORDER if flags.get(state, False) is not False]
    faults = [state for state in possible if state in FAULTS]
    if not faults and flags.get("good"):
        # It works. Whether it also still improves, or is a hair from perfect, is no reason to call it unclear.
        return (possible or ["good-plateau"])[0], possible or ["good-plateau"]
    # A generator that stands still never came to draw more kinds: a symptom, of what keeps it where it is.
    causes = [cause for cause in STANDSTILL if flags.get("generator-stands") and flags.get(cause)]
    if possible[:1] == ["full-collapse"] and flags["full-collapse"] is None:
        for state in ("cycling", "partial-collapse"):  # a mode or two of many: both names are right
            if flags[state]:
                return state, ["full-collapse", state, *causes]
    if not possible or flags[possible[0]] is None:
        return None, possible
    if possible[0] == "full-collapse" and flags["cycling"]:
        return "full-collapse", ["full-collapse", "cycling"]  # always one mode, never the same
    if possible[0] == "full-collapse" and flags["generator-starved"]:
        return "full-collapse", ["full-collapse", "generator-starved"]  # taught nothing: the symptom and its cause
    return possible[0], [possible[0], *(causes if possible[0] in ("full-collapse", "partial-collapse") else [])]


class Truth:
    """All that the oracle says about one run."""

    def __init__(self, run, task_name, since_step=0):
        self.run, self.task_name, self.since = pathlib.Path(run), task_name, since_step
        self.seen = observe(run, task_name)
        self.objective = networks.Players(run, list(networks.checkpoints(run).values())[-1]).config["objective"]["name"]
        steps = list(self.seen)
        before = [step for step in steps if step <= since_step and self.seen[step]["finite"]]
        self.reference = self.seen[before[-1] if before else steps[0]]
        self.after = [self.seen[step] for step in steps if step > since_step]

    def window_start(self):
        """The step after which the window of the final label begins."""
        steps = [glimpse["step"] for glimpse in self.after]
        return steps[-WINDOW - 1] if len(steps) > WINDOW else self.since

    def final(self):
        """(label, accepted, flags) of the end of the training."""
        bad_steps = not_finite(self.run, self.since)
        window = self.after[-WINDOW:]
        if len(window) < WINDOW:  # it ended early, which only one thing brings about
            flags = {"diverged": between(bad_steps, 0, 5)}
            return *label_of(flags), flags
        flags = self._flags(window, bad_steps)
        return *label_of(flags), flags

    def _flags(self, window, bad_steps=0):
        fresh = self._fresh(window[-1])
        flags = flags_of(window, self._reference(), oracle_of(self.task_name), self.objective, fresh, bad_steps)
        return flags | {"fresh": fresh}

    def _fresh(self, glimpse):
        """Accuracy of a fresh judge at a glimpse's checkpoint; None where that is gone or blown up."""
        path = networks.checkpoints(self.run).get(glimpse["step"])
        if "fresh" not in glimpse and glimpse["finite"] and path:
            oracle = oracle_of(self.task_name)
            glimpse["fresh"] = oracle.fresh(oracle.players(self.run, path))
            (self.run / f"oracle-{self.task_name}.json").write_text(json.dumps(self.seen))
        return glimpse.get("fresh")

    def says(self, state, step):
        """Whether a state holds at a step, seen through the last four checkpoints up to it; None: too close to call."""
        window = [glimpse for at, glimpse in self.seen.items() if at <= step][-4:]
        if state == "diverged" and not_finite(self.run, self.since) >= 5:
            return True
        return self._flags(window).get(state) if len(window) > 1 else None

    def sound(self, label, flags):
        """Whether the training ended well: no fault, and samples that pass or still get better."""
        if label in FAULTS or flags.get("diverged"):
            return False
        return label is not None or flags.get("good") is True or flags.get("improving") is True

    def last_distance(self):
        finite = [glimpse for glimpse in self.after if glimpse["finite"]]
        return finite[-1]["averaged"]["distance"] if finite else math.inf

    def _reference(self):
        """Sizes are compared with the healthy moment before, or, from the start on, with the strongest signal seen."""
        if self.since > 0:
            return self.reference
        finite = [glimpse for glimpse in self.seen.values() if glimpse["finite"]]
        strongest = max((glimpse["signal"] for glimpse in finite), default=1.0)
        return {**self.reference, "signal": strongest}

    def onset(self, state):
        """The first checkpoint from which a window of three shows `state`, or None."""
        oracle = oracle_of(self.task_name)
        for end in range(3, len(self.after) + 1):
            flags = flags_of(self.after[end - 3:end], self._reference(), oracle, self.objective)
            if flags.get(state):
                return self.after[end - 3]["step"]
        return None
