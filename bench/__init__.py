"""What Deskbell costs, measured: run `make bench`."""
