"""What is told live: what happens on a profile, to whoever watches it, as soon as it is stored."""
