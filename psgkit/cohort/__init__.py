"""Analysis of many nights: plan, workers, ledger, tables, summary.

The plan lists the nights and those still to be analysed; each worker analyses one night at a time
and writes its results completely or not at all; the ledger records the state of every night; the
tables are merged from the results of finished nights.
"""
