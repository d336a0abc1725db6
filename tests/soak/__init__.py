"""The soak: an installation under load whose parts are killed at random, and an account of what is left."""
