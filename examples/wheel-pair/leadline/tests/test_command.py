import subprocess
from importlib.metadata import version


def run(*words):
    return subprocess.run(["leadline", *words], capture_output=True, text=True)


def test_the_command_says_the_depth():
    assert run("2").stdout == "by the mark: 2 metres\n"


def test_both_packages_are_of_one_version():
    assert run("--version").stdout.startswith(f"leadline {version('leadline')}, with lead {version('leadline-core')} ")
