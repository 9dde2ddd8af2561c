"""Nights with known truth."""

from psgkit.simulate.files import write_night
from psgkit.simulate.night import simulate_night
from psgkit.simulate.options import SimulationOptions
from psgkit.simulate.simulated import SimulatedNight

__all__ = ["SimulatedNight", "SimulationOptions", "simulate_night", "write_night"]
