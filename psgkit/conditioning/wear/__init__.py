"""Non-wear detection: stretches in which a sensor was not on the body."""
