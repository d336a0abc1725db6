"""What people may ask of the product about their data: all of it as a file, a profile gone for good, and a
visitor gone from it."""
