"""Profit: what is left, and how much of each earned unit that is."""

from services.metrics.metric import Good, Metric, Unit, difference, ratio

METRICS = (
    Metric(
        "grossProfit",
        "Gross profit",
        Unit.MONEY,
        Good.UP,
        "Net revenue less what the platforms keep.",
        "Net revenue − platform fees.",
        needs=("net", "platformFees"),
        combine=difference,
    ),
    Metric(
        "netProfit",
        "Net profit",
        Unit.MONEY,
        Good.UP,
        "What is left: gross profit less marketing, subscriptions and tools.",
        "Gross profit − marketing − subscriptions − tools.",
        needs=("grossProfit", "marketing", "subscriptionCosts", "tools"),
        combine=difference,
    ),
    Metric(
        "grossMargin",
        "Gross margin",
        Unit.RATIO,
        Good.UP,
        "Gross profit for each unit of net revenue.",
        "Gross profit ÷ net revenue.",
        needs=("grossProfit", "net"),
        combine=ratio,
    ),
    Metric(
        "netMargin",
        "Net margin",
        Unit.RATIO,
        Good.UP,
        "Net profit for each unit of net revenue.",
        "Net profit ÷ net revenue.",
        needs=("netProfit", "net"),
        combine=ratio,
    ),
)
