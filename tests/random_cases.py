"""How many random cases a test with its own number of them tries."""

from hypothesis import settings


def cases(n: int) -> settings:
    """Return settings for ``n`` random cases in profile ``all``, a tenth of them in ``fast``."""
    share = 1.0 if settings.get_current_profile_name() == "all" else 0.1
    return settings(max_examples=max(round(n * share), 20))
