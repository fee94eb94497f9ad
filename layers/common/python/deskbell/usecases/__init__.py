"""What people and clocks ask of the product: load, decide, save, tell, one request a module."""
