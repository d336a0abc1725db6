"""What manage.py can do: one file per command."""
