"""The night report as a JSON document (schema ``psgkit.night/1``): writing and reading."""
