#!/usr/bin/env python3
"""Writes losses.json: every objective's losses and their gradients by PyTorch's autograd, in float64, from
torch.nn.functional's own losses where there is one. Run it here: python3 make_losses.py"""
import json
import pathlib

import torch
import torch.nn.functional as F

# No value at the hinge's kinks, where any slope from 0 to 1 is right.
REAL = [-30.0, -2.5, -1.0, -0.25, 0.0, 0.5, 1.125, 1.5, 3.0, 40.0]
FAKE = [35.0, 2.25, 0.75, 0.0, -0.5, -0.875, -1.25, 4.0, -6.0, -50.0]


def cross_entropy(logits, target):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def square(logits, target):
    return 0.5 * F.mse_loss(logits, torch.full_like(logits, target))


def wasserstein(smoothing):
    return lambda real, fake: fake.mean() - real.mean(), lambda fake, real: -fake.mean()


def relativistic_average(wanted, unwanted):
    """As ESRGAN's code has it: the mean of both cross entropies."""
    return (cross_entropy(wanted - unwanted.mean(), 1.0) + cross_entropy(unwanted - wanted.mean(), 0.0)) / 2


OBJECTIVES = {
    # log(1 - D) = -BCE(logit, 0)
    "minimax": lambda s: (lambda real, fake: cross_entropy(real, 1 - s) + cross_entropy(fake, 0.0),
                          lambda fake, real: -cross_entropy(fake, 0.0)),
    "non-saturating": lambda s: (lambda real, fake: cross_entropy(real, 1 - s) + cross_entropy(fake, 0.0),
                                 lambda fake, real: cross_entropy(fake, 1.0)),
    # log((1 - D) / D) = BCE(logit, 1) - BCE(logit, 0)
    "density-ratio": lambda s: (lambda real, fake: cross_entropy(real, 1 - s) + cross_entropy(fake, 0.0),
                                lambda fake, real: cross_entropy(fake, 1.0) - cross_entropy(fake, 0.0)),
    "least-squares": lambda s: (lambda real, fake: square(real, 1 - s) + square(fake, 0.0),
                                lambda fake, real: square(fake, 1.0)),
    "wasserstein": wasserstein,
    "wasserstein-gp": wasserstein,
    # hinge_embedding_loss with target -1 is max(0, margin - x)
    "hinge": lambda s: (lambda real, fake: F.hinge_embedding_loss(real, -torch.ones_like(real))
                        + F.hinge_embedding_loss(-fake, -torch.ones_like(fake)),
                        lambda fake, real: -fake.mean()),
    # log-sigmoid of the difference, as BCE with target 1
    "relativistic": lambda s: (lambda real, fake: cross_entropy(real - fake, 1.0),
                               lambda fake, real: cross_entropy(fake - real, 1.0)),
    "relativistic-average": lambda s: (relativistic_average, lambda fake, real: relativistic_average(fake, real)),
}
SMOOTHED = ("minimax", "non-saturating", "density-ratio", "least-squares")


def case(name, smoothing):
    discriminator_loss, generator_loss = OBJECTIVES[name](smoothing)
    real, fake = (torch.tensor(values, dtype=torch.float64, requires_grad=True) for values in (REAL, FAKE))
    loss = discriminator_loss(real, fake)
    by_real, by_fake = torch.autograd.grad(loss, (real, fake))
    turn = generator_loss(fake, real)
    turn_by_fake, = torch.autograd.grad(turn, fake)
    return {"name": name, "label_smoothing": smoothing,
            "discriminator_loss": loss.item(), "discriminator_by_real": by_real.tolist(),
            "discriminator_by_fake": by_fake.tolist(),
            "generator_loss": turn.item(), "generator_by_fake": turn_by_fake.tolist()}


cases = [case(name, smoothing) for name in OBJECTIVES for smoothing in ((0.0, 0.1) if name in SMOOTHED else (0.0,))]
pathlib.Path(__file__).with_name("losses.json").write_text(
    json.dumps({"real": REAL, "fake": FAKE, "cases": cases}, indent=1) + "\n")
