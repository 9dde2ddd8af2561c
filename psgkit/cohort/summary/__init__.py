"""Summary of a cohort: outcomes, distributions, group comparisons, reliability, page."""
