"""What people may ask of the product about their data."""
