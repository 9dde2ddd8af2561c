"""Periodic limb and trunk movements and sleep disruption from polysomnography and actigraphy.

The public names are resolved when they are first used, so that ``import psgkit`` costs no more
than importing numpy.
"""

__version__ = "0.1.0"
