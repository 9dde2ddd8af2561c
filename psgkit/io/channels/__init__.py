"""Channel labels to roles, sites, placements and units."""
