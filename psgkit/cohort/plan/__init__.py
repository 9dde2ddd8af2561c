"""Plan a batch: which recordings, with which scorings, under which identity."""
