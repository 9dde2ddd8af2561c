"""The parts of the walk of a night that take several steps: what was scored, groups, sensors."""
