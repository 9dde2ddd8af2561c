"""Version of psgkit."""

__version__ = "0.1.0"
