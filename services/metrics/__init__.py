"""What the figures mean: each metric is defined once, and every surface shows what it returns."""

from services.metrics.registry import METRICS, report

__all__ = ["METRICS", "report"]
