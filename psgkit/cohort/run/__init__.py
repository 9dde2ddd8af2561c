"""Run a batch: hand out nights to workers, analyse each, keep going through crashes."""
