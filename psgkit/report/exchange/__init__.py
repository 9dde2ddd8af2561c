"""Export of night reports to the files of other tools, in the vocabulary of those tools.

Movements of accelerometers are estimates and have a separate name; they are never exported as
periodic limb movements.
"""
