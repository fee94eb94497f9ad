"""The adapters and edges: the one part of the package that knows AWS."""
