"""Deskbell on one machine: the real template, deployed by the real SAM CLI to an emulator."""
