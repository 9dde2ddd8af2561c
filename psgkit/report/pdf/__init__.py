"""Reports as PDF, set by typst from templates and JSON."""
