"""One night from a recording to a report; ``walk.py`` is the whole way."""
