"""The line that a provider puts into the own site, so that its visits are counted."""

from html import escape


def snippet(public_key: str, base_url: str) -> str:
    """The script element for the profile with this key; `base_url` is where visitors reach the product,
    such as `https://analytics.example` (a path may follow)."""
    address = escape(f"{base_url.rstrip('/')}/track.js")
    return f'<script defer src="{address}" data-key="{escape(public_key)}"></script>'
