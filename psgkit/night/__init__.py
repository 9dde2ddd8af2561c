"""Analysis of one night from recording to report; ``walk.py`` has all steps."""
