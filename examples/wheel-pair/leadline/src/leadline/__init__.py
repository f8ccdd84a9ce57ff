"""Reads depths off a lead line."""

import subprocess

import leadline_core


def sound(metres):
    """What the line says at a depth in metres."""
    said = subprocess.run([leadline_core.program(), "sound", str(metres)], check=True, capture_output=True, text=True)
    return said.stdout.strip()
