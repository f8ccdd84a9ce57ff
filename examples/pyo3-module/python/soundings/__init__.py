"""Depths of a survey: sums and averages, in Rust."""

from soundings._soundings import __version__, mean

__all__ = ["__version__", "mean"]
