"""Peer review: rounds, allocation, rubric, the review desk, anonymity, marks and appeals.

Who reviews whom is decided once per round by `allocation` and mended by `repair` when works come
late or people leave; both are pure functions of arrays and a seed, so that any run can be replayed.
"""
