"""Recordings of days: actigraphs and accelerometers of several makers, diaries and markers.

``read_days`` recognises a file by its content.  Each maker has a module.
"""
