"""The command `leadline`."""

import argparse
from importlib.metadata import version

import leadline
import leadline_core


def main():
    parser = argparse.ArgumentParser(prog="leadline", description="Reads depths off a lead line.")
    parser.add_argument("metres", type=float, help="the depth in metres")
    parser.add_argument("--version", action="version", version=f"leadline {version('leadline')}, with {leadline_core.version()}")
    print(leadline.sound(parser.parse_args().metres))
