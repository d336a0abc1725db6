"""The cards of the page Settings, one module for each."""
