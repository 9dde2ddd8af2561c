"""Figures of reports, drawn with matplotlib.

Each function takes an ``Axes`` or makes one on a new ``matplotlib.figure.Figure``; pyplot is
never touched, so nothing leaks and no window opens.
"""
