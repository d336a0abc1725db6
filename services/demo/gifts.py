"""What the providers of the demo can be given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Gift:
    """One thing on the list: `euros` is its price, None where the giver decides; `weight` says how
    often it is chosen."""

    item_id: str
    name: str
    category: str
    euros: float | None
    weight: float


CATALOG = (
    Gift("rose-bouquet", "Bouquet of roses", "Flowers", 34.90, 16),
    Gift("wild-flowers", "Wild flowers", "Flowers", 21.90, 12),
    Gift("pralines", "Box of pralines", "Sweets", 18.90, 15),
    Gift("macarons", "Macarons", "Sweets", 14.90, 9),
    Gift("novel", "A good novel", "Books", 15.90, 10),
    Gift("photo-book", "Photo book", "Books", 44.90, 4),
    Gift("spa-day", "Day at the spa", "Wellness", 110, 7),
    Gift("bath-set", "Bath set", "Wellness", 28.90, 8),
    Gift("dinner", "Dinner for two", "Dining", 135, 6),
    Gift("coffee", "Coffee and cake", "Dining", 9.90, 22),
    Gift("silk-scarf", "Silk scarf", "Fashion", 79.90, 5),
    Gift("perfume", "Perfume", "Fashion", 95.90, 6),
    Gift("night-train", "Night train ticket", "Travel", 165, 3),
    Gift("weekend", "A weekend away", "Travel", 420, 1.2),
    Gift("wish-fund", "Wish fund", "Wish fund", None, 24),
)
