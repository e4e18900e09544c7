"""How fast it is: queries against the best SQL written by hand, pages by processor time and bytes, imports by rows.

    python -m bench --scale 1000000           # order lines; make bench

Goals are ratios, processor time and counts, never wall-clock time, so that a busy machine does not decide them.
docs/performance.md says what is measured and why.
"""
