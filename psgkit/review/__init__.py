"""A night looked at and corrected by a scorer: marks, changes, the file they are kept in, signing.

``session.py`` is what a page or a test talks to; ``walk.py`` opens one from the files of a night.
"""
