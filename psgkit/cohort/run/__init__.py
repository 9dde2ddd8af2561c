"""Run a batch: send nights to workers, analyse each, continue after crashes."""
