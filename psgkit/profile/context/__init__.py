"""Clinical context of a recording: answers, drugs, laboratory values, read from TOML."""
