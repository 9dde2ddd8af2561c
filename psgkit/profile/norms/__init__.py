"""What is known of other people about the figures of a night: a data file with sources."""
