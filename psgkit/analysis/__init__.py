"""Steps of the analysis of a night: scoring of groups, sensors."""
