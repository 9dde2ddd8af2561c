"""Nights and weeks with known truth."""

from psgkit.simulate.day_files import write_days
from psgkit.simulate.days import DayChoice, SimulatedDays, simulate_days
from psgkit.simulate.files import write_night
from psgkit.simulate.night import simulate_night
from psgkit.simulate.options import SimulationOptions
from psgkit.simulate.simulated import SimulatedNight

__all__ = [
    "DayChoice",
    "SimulatedDays",
    "SimulatedNight",
    "SimulationOptions",
    "simulate_days",
    "simulate_night",
    "write_days",
    "write_night",
]
