"""Nights and weeks with known truth."""

from psgkit.simulate.files import write_night
from psgkit.simulate.night import simulate_night
from psgkit.simulate.plan.options import SimulationOptions
from psgkit.simulate.simulated import SimulatedNight
from psgkit.simulate.week.files import write_days
from psgkit.simulate.week.walk import DayChoice, SimulatedDays, simulate_days

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
