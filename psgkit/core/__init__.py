"""The nouns of psgkit: frozen, checked on construction, valid when empty."""
