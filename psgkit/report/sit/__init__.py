"""Reports of the suggested immobilisation test."""
