"""MiniStack 1.5.33, started with the differences from AWS that matter to Deskbell removed.

Runs in .venv-emulator as `python -m local.emulator`. Each module changes one thing by replacing private names, so the
version is pinned in local/environments/emulator, and tests/stack/test_emulator.py fails when a change is lost.
"""
