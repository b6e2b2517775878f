"""`forger completion`, as the shells run it."""
import re
import subprocess

import pytest

from program import run


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


def test_unknown_shell_is_refused():
    done = run("completion", "tcsh")
    assert done.returncode == 2
    assert "bash" in done.stderr


def test_bash_completes_train():
    assert complete("forger", "tra") == ["train", "translate"]


def test_bash_completes_every_command():
    listed = re.search(r"^Subcommands:\n(.*)", run("--help").stdout, re.M | re.S).group(1)
    commands = re.findall(r"^  (\w+)", listed, re.M)
    assert {"recipes", "completion"} <= set(commands)
    assert set(commands) | {"--version", "--help"} <= set(complete("forger", ""))


def test_bash_completes_recipes_and_options():
    assert complete("forger", "recipes", "wg") == ["wgan", "wgan-gp"]
    assert complete("forger", "recipes", "--a") == ["--all"]
    assert {"bash", "zsh", "fish"} <= set(complete("forger", "completion", ""))
    assert complete("forger", "train", "data", "--recipe", "wg") == ["wgan", "wgan-gp"]


def test_bash_completes_keys_up_to_the_equals_sign():
    assert complete("forger", "train", "data", "--set", "data.s") == ["data.source=", "data.size="]


def test_bash_completes_commands_of_commands():
    assert complete("forger", "data", "ch") == ["check"]
    assert "train" not in complete("forger", "data", "")


@pytest.mark.slow
def test_bash_completes_processes_wherever_work_is_shared():
    for command in ("train", "resume", "upscale", "translate", "detect", "evaluate", "sample"):
        assert complete("forger", command, "--proc") == ["--processes"], command
    assert complete("forger", "data", "check", "--proc") == ["--processes"]


def test_bash_leaves_files_to_the_shell():
    assert complete("forger", "train", "some-folder/") == []
    assert complete("forger", "train", "data", "--out", "") == []


def test_other_shells_get_scripts():
    assert run("completion", "zsh").stdout.startswith("#compdef forger\n")
    assert "complete -c forger -n '__fish_use_subcommand' -f -a recipes" in run("completion", "fish").stdout
