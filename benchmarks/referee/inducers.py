"""Ways to spoil a training, each branched from a healthy checkpoint where that makes sense.

What an inducer is meant to bring about is only its name; the oracle says what it did. Calibration and test share neither
data nor networks nor the healthy objective.
"""
import dataclasses

START, EARLY, HEALTHY = "start", "early", "healthy"


@dataclasses.dataclass(frozen=True)
class Setup:
    """A healthy training: data, recipe, and the steps at which it is branched."""
    name: str
    half: str
    data: str
    recipe: str
    early: int  # still far from the data
    healthy: int  # T0: works
    steps: int  # trained on after a branch
    every: int  # steps between checkpoints, and between the referee's checks
    # Of the test half: seeds below were looked at while rules were made.
    first_seed: int = 1
    first_healthy_seed: int = 1


SETUPS = {setup.name: setup for setup in [
    Setup("ring", "calibration", "ring", "ring", 250, 2500, 2500, 250),
    Setup("fashion", "calibration", "fashion", "fashion", 200, 1600, 1600, 200),
    Setup("grid", "test", "grid", "grid", 500, 3000, 3000, 250, first_seed=10, first_healthy_seed=46),
    Setup("grid-wasserstein", "test", "grid", "grid-wasserstein", 500, 3000, 3000, 250, first_seed=10, first_healthy_seed=46),
    Setup("cifar", "test", "cifar", "cifar", 200, 1600, 1600, 200),
    Setup("colours", "test", "cifar-grey", "colours", 200, 1000, 1000, 200, first_seed=4, first_healthy_seed=4),
    Setup("tone", "test", "cifar-tone", "tone", 200, 1000, 1000, 200, first_seed=4, first_healthy_seed=4),
]}


@dataclasses.dataclass(frozen=True)
class Inducer:
    name: str
    aims_at: str
    branch: str
    changes: dict
    setups: tuple  # names of the setups that it is tried on
    data: str = ""  # another data set, "-64" or "-500" of the setup's
    longer: int = 1  # so many times the setup's steps


PLANE = ("ring", "grid", "grid-wasserstein")
HIDDEN = ("grid",)  # of the plane, the test half alone
PICTURES = ("fashion", "cifar")
TRANSLATIONS = ("colours", "tone")
BARE = {"objective.name": "non-saturating", "objective.r1": 0, "objective.r2": 0, "objective.gradient_penalty": 0}


def rates(generator, discriminator):
    return {"generator.learning_rate": generator, "discriminator.learning_rate": discriminator}


INDUCERS = {inducer.name: inducer for inducer in [
    Inducer("none", "healthy-duel", HEALTHY, {}, PLANE + PICTURES + TRANSLATIONS),
    Inducer("annealed", "converged", HEALTHY, rates(2e-4, 2e-4), PLANE, longer=2),
    Inducer("overrun", "full-collapse", HEALTHY, BARE | {"generator.turns_per_step": 10} | rates(2e-3, 1e-6), PLANE),
    Inducer("one-latent", "partial-collapse", START, BARE | {"generator.latent_size": 1}, PLANE),
    Inducer("bare-rmsprop", "cycling", START,
            BARE | {"objective.name": "minimax", "generator.optimizer": "rmsprop", "discriminator.optimizer": "rmsprop",
                    "generator.width": 256, "generator.depth": 5, "discriminator.width": 256, "discriminator.depth": 4,
                    "generator.max_width": 512} | rates(1e-3, 1e-4), PLANE),
    Inducer("momentum", "cycling", HEALTHY,
            BARE | {"generator.beta1": 0.9, "discriminator.beta1": 0.9, "generator.turns_per_step": 5} | rates(2e-3, 1e-3),
            PLANE),
    Inducer("bare", "partial-collapse", START, BARE | rates(1e-4, 1e-3), PLANE),
    Inducer("rate-one", "diverged", HEALTHY, rates(1, 1), PLANE + PICTURES),
    Inducer("critic-rate", "diverged", HEALTHY, rates(5e-5, 0.5), PLANE),
    Inducer("saturating", "generator-starved", START,
            BARE | {"objective.name": "minimax", "discriminator.turns_per_step": 20} | rates(2e-4, 4e-3), PLANE),
    Inducer("narrow-critic", "discriminator-too-weak", START,
            {"discriminator.width": 4, "discriminator.depth": 1}, PLANE),
    Inducer("slow-critic", "discriminator-too-weak", EARLY, rates(1e-4, 1e-6), PLANE),
    Inducer("still", "standing-still", START, BARE | {"objective.name": "least-squares"} | rates(1e-9, 1e-9), HIDDEN),
    Inducer("still-critic", "standing-still", START, BARE | {"objective.name": "relativistic"} | rates(1e-3, 1e-7), HIDDEN),
    Inducer("still-generator", "standing-still", START,
            BARE | {"generator.optimizer": "sgd", "generator.beta1": 0} | rates(1e-6, 1e-3), HIDDEN),
    Inducer("frozen", "standing-still", EARLY, rates(1e-9, 1e-9), PLANE + PICTURES),
    Inducer("frozen-generator", "standing-still", EARLY, rates(1e-9, 1e-3), PLANE + PICTURES),
    Inducer("few-images", "discriminator-overfitting", HEALTHY, {}, PICTURES, "-500"),
    # The identity on images of its own kind is the identity on the other kind.
    Inducer("identity", "copies-input", START, {"cycle.identity": 200, "cycle.adversary": 0.01}, ("tone",)),
    # Nothing ties what is made to its source, and one image is what a discriminator that hardly learns likes best.
    Inducer("untied", "ignores-input", START,
            {"translation.pixels": 0, "translator.learning_rate": 2e-3, "discriminator.learning_rate": 2e-6}, ("colours",)),
    # Too narrow to hold more than light and dark: one tint for all, which no discriminator objects to.
    Inducer("narrow-translator", "wrong-colors", START,
            {"translator.width": 1, "translator.max_width": 2, "translation.adversary": 1e-6}, ("colours",)),
    Inducer("very-few-images", "copying", HEALTHY, {}, PICTURES, "-64"),
]}
