"""Night report to the files of other tools; the words in here are theirs, not the reports'.

Movements of accelerometers are exported under a name of their own: they are estimates, and never
periodic limb movements.
"""
