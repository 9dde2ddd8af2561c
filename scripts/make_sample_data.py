"""Write the two simulated nights of ``sample_data``: ``python scripts/make_sample_data.py``."""

from pathlib import Path

from psgkit.simulate import SimulationOptions, simulate_night, write_night

SAMPLE_DATA = Path(__file__).resolve().parent.parent / "sample_data"
NIGHTS = (("rls", 2.0, 5), ("healthy", 1.0, 4))  # kind, hours, seed
OPTIONS = SimulationOptions(rate_hz=200.0, ecg_rate_hz=None)


def main() -> None:
    """Write the nights and say how large they are."""
    for kind, hours, seed in NIGHTS:
        night = simulate_night(kind, hours=hours, seed=seed, options=OPTIONS)
        paths = write_night(night, SAMPLE_DATA / kind)
        size_mb = sum(path.stat().st_size for path in paths.values()) / 1e6
        print(f"sample_data/{kind}: {len(night.truth)} movements, {size_mb:.2f} MB")


if __name__ == "__main__":
    main()
