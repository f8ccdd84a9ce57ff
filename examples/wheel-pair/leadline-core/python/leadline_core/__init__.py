"""Finds the program `lead`, which is installed with this module."""

import os
import shutil
import subprocess
import sysconfig


def program():
    """The path of `lead`: beside Python's own commands, or else wherever PATH has it."""
    name = "lead.exe" if os.name == "nt" else "lead"
    installed = os.path.join(sysconfig.get_path("scripts"), name)
    found = installed if os.path.isfile(installed) else shutil.which("lead")
    if found is None:
        raise FileNotFoundError("the program `lead` is not installed beside leadline_core")
    return found


def version():
    """What `lead` says of its version and commit."""
    return subprocess.run([program(), "--version"], check=True, capture_output=True, text=True).stdout.strip()
