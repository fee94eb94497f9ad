"""What stops `make run`."""


class SetupError(Exception):
    """Something the machine lacks or refuses; its text is one line for the person who ran the command."""
