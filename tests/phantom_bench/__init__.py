"""How the synthetic cohort is judged: cases made once and kept, a small reference network, leak controls, ranks of drawn numbers.

Used by scripts/phantom_study.py, which writes docs/phantom-study.md, and by the tests in tests/unit/test_phantom_*.py.
"""
