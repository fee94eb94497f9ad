"""Anonymous live chat without servers: the functional core, its use cases and its AWS adapters."""

__version__ = "0.1.0"
