"""Importing a file from a page: choose it, see what it would book, import it, take it back.

A page places `opener.button(kind)` and `opener.place(kind)` in its layout; pages/importing.py fills them.
"""
