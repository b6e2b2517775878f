"""`forger recipes` and `forger completion`, as a person runs them."""
import os
import subprocess

PROGRAM = os.environ["FORGER_PROGRAM"]


def forger(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)


def complete(*words):
    """What bash offers for the last of the words."""
    script = """
eval "$("$FORGER_PROGRAM" completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
compopt() { :; }  # works only while readline asks
_forger
printf '%s\\n' "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def test_list_names_every_recipe_with_what_it_is_for():
    done = forger("recipes")
    assert done.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line and not line.startswith("forger "))
    assert {"fast", "gan", "dcgan", "wgan-gp", "pytorch-gan-dcgan"} <= set(lines)
    assert lines["fast"].startswith("The default")


def test_one_recipe_is_shown_as_it_is_written():
    done = forger("recipes", "wgan-gp")
    assert done.returncode == 0
    with open(os.path.join(os.environ["FORGER_SOURCE"], "recipes", "wgan-gp.toml")) as recipe:
        assert done.stdout == recipe.read()


def test_all_keys_of_a_recipe_are_toml():
    import tomllib

    done = forger("recipes", "wgan-gp", "--all")
    assert done.returncode == 0
    recipe = tomllib.loads(done.stdout)
    assert recipe["recipe"] == "wgan-gp"
    assert recipe["objective"]["gradient_penalty"] == 10
    assert recipe["training"]["checkpoint_keep"] == 2


def test_unknown_recipe_is_one_clear_line():
    done = forger("recipes", "dcgna")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert 'received "dcgna"' in done.stderr and 'did you mean "dcgan"?' in done.stderr


def test_unknown_shell_is_refused():
    done = forger("completion", "tcsh")
    assert done.returncode == 2
    assert "bash" in done.stderr


def test_bash_completes_commands():
    assert complete("forger", "rec") == ["recipes"]
    assert {"recipes", "completion", "--version", "--help"} <= set(complete("forger", ""))


def test_bash_completes_recipes_and_options():
    assert complete("forger", "recipes", "wg") == ["wgan", "wgan-gp"]
    assert complete("forger", "recipes", "--a") == ["--all"]
    assert complete("forger", "completion", "") == ["bash", "zsh", "fish", "-h", "--help"] or \
        set(complete("forger", "completion", "")) >= {"bash", "zsh", "fish"}


def test_other_shells_get_scripts():
    assert forger("completion", "zsh").stdout.startswith("#compdef forger\n")
    assert "complete -c forger -n '__fish_use_subcommand' -f -a recipes" in forger("completion", "fish").stdout
