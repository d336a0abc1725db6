"""Safety: what the page of government visits is made of."""
