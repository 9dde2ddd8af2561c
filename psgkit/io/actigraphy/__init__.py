"""Recordings of days: actigraphs and accelerometers of several makers, diaries and markers.

``read_days`` recognises a file by its content.  Each format has a module of its own.
"""
