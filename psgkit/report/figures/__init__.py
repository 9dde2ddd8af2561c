"""Figures of reports, drawn with matplotlib.

Each function draws on the ``Axes`` given or on a new ``matplotlib.figure.Figure``, without pyplot,
so that no window opens and no figure stays in memory.
"""
