"""The cards of the settings, and the ways between their pages, one module for each."""
