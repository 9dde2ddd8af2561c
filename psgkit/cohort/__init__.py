"""Many nights: find them, analyse each one once, remember what was done, join the results.

A plan says which nights there are and which are still to be done; workers analyse one night each
and write it whole or not at all; one ledger says what became of every night; tables are merged
from what finished nights left.
"""
