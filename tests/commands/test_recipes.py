"""`forger recipes`, as a person runs it."""
import os

from program import run


def test_list_names_every_recipe_with_what_it_is_for():
    done = run("recipes")
    assert done.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line and not line.startswith("forger "))
    assert {"fast", "gan", "dcgan", "wgan-gp", "pytorch-gan-dcgan"} <= set(lines)
    assert lines["fast"].startswith("The default")


def test_one_recipe_is_shown_as_it_is_written():
    done = run("recipes", "wgan-gp")
    assert done.returncode == 0
    with open(os.path.join(os.environ["FORGER_SOURCE"], "recipes", "wgan-gp.toml")) as recipe:
        assert done.stdout == recipe.read()


def test_all_keys_of_a_recipe_are_toml():
    import tomllib

    done = run("recipes", "wgan-gp", "--all")
    assert done.returncode == 0
    recipe = tomllib.loads(done.stdout)
    assert recipe["recipe"] == "wgan-gp"
    assert recipe["objective"]["gradient_penalty"] == 10
    assert recipe["training"]["checkpoint_keep"] == 2


def test_unknown_recipe_is_one_clear_line():
    done = run("recipes", "dcgna")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert 'received "dcgna"' in done.stderr and 'did you mean "dcgan"?' in done.stderr
