"""Alerts: visits from government networks. One for each visitor and day, whatever the visitor does then.

A crawler of a government is a visit of that government too. The owner's own visits raise none, nor do
those from a network that the profile has muted; the events keep their verdicts all the same.
"""
