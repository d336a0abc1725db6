"""Every callback of the pages has its rule here: what it is called with, and what may come of it.

A new one that shows something of the profile in the URL goes into BOXES, by its output, or into SEVERAL; one
that takes more than the URL, or writes, gets a row in calls() or, for a button with data-act, in acts().
"""

import base64
from collections.abc import Mapping
from typing import Any

from tests.api.conftest import PASSWORD
from tests.isolation.asking import Call
from tests.isolation.conftest import World

MARKED = (
    "costs-entries", "costs-channels", "revenue-rows", "revenue-affiliate", "gifts-donors",
    "gifts-categories", "partners-list", "performance-sources", "safety-alerts", "safety-muted",
    "delivery-channels", "delivery-log", "settings-profile", "settings-members", "settings-account",
    "settings-tokens", "settings-imports", "settings-activity", "settings-delete", "settings-privacy",
    "settings-factor",
)  # fmt: skip
"""Boxes that show Alice words of hers, so that a look for these words finds what there is to find."""
BOXES = (
    *MARKED,
    "costs-lead", "costs-stats", "costs-chart", "costs-categories", "costs-adder", "import-costs-button",
    "import-transactions-button", "delivery-secret", "partners-lead", "partners-stats", "partners-chart",
    "settings-tasks", "settings-trail",
    "settings-place", "settings-tracker", "pnl-lead", "pnl-export", "pnl-statement", "gifts-lead",
    "gifts-stats", "gifts-chart", "gifts-funnel", "gifts-people", "realtime-today", "realtime-rows",
    "revenue-lead", "revenue-stats", "revenue-chart", "revenue-sources", "revenue-waterfall",
    "revenue-pending", "revenue-subscriptions", "revenue-pricing", "safety-figures", "safety-about",
    "overview-lead", "overview-stats", "overview-chart", "overview-today", "overview-profit",
    "overview-views", "performance-lead", "performance-filter", "performance-stats", "performance-chart",
    "performance-spans", "performance-hours", "performance-countries", "performance-devices",
    "performance-more", "settings-export", "settings-visitor", "operations-window",
    "operations-states",
)  # fmt: skip
SEVERAL = (
    "..settings-tick.disabled...settings-seen.data..",
    "..settings-members-secret.children...settings-members-own.data..",
    "..settings-tokens-secret.children...settings-tokens-own.data..",
    "..realtime-now.children...realtime-minutes.children..",
    "..operations-volume.children...operations-slowest.children...operations-failing.children..",
    "..revenue-adder.children...revenue-add.children..",
    "..safety-state.data...safety-count-link.children...safety-count-more.children"
    "...safety-count-menu.children..",
)
SHOWN = {*(f"{box}.children" for box in BOXES), *SEVERAL}
"""What is shown of the profile in the URL, by the outputs of the callback."""
FRAME = frozenset(
    [
        ".._pages_content.children..._pages_store.data..",  # the layouts, which hold no data
        '..{"field":"category","income-form":"new"}.style...{"field":"partner_id","income-form":"new"}.style'
        '...{"field":"share","income-form":"new"}.style..',
    ]
)
"""Those that know no profile."""
PRIVATE = ("settings-account.children",)
"""What is shown of whoever asks, whatever profile is named."""


def calls(world: World) -> Mapping[str, list[Call]]:
    """The rest, with all that is Alice's in what they are called with."""
    ids, day = world.ids, world.anna.local_date(world.made).isoformat()
    file = (
        "data:text/csv;base64,"
        + base64.b64encode(
            f"date,description,amount,currency\n{day},Quokka7z upload,12.50,EUR\n".encode()
        ).decode()
    )
    found: dict[str, list[Call]] = {
        '{"cost-save":["ALL"]}.n_clicks': [
            _saved(
                "cost",
                form,
                category="tools",
                description="Quokka7z rent",
                amount="7",
                currency="EUR",
                expense_date=day,
            )
            for form in ("new", ids["cost"])
        ],
        '{"income-save":["ALL"]}.n_clicks': [
            _saved(
                "income",
                "new",
                transaction_type="gift",
                transaction_date=day,
                item_name="x",
                amount="7",
                currency="EUR",
            )
        ],
        '{"refund-save":["ALL"]}.n_clicks': [_saved("refund", ids["gift"], refunded_at=day, amount="1")],
        '{"channel-save":["ALL"]}.n_clicks': [
            _saved("channel", "new", kind="webhook", target="https://quokka7z.example/other")
        ],
        '{"part":"problem","settings":["MATCH"]}.children': [
            _settings(world, "profile", name="Quokka7z renamed", hosts=[]),
            _settings(world, "member", email="mallory@example.org", role="owner"),
            _settings(world, "token", label="Quokka7z other", scopes=["read"], days=30),
            _settings(world, "visitor", visitor="v0", ip="", agent="", payer="", changes=False),
            _settings(world, "delete", name="Another", password=PASSWORD, changes=False),
            _settings(world, "factor-begin", password="wrong by far", changes=False),
            _settings(world, "factor-confirm", code="000000", changes=False),
            _settings(world, "factor-codes", code="000000", changes=False),
            _settings(world, "factor-off", password="wrong by far", code="000000", changes=False),
            _settings(world, "password", old="wrong by far", new="a longer password", changes=False),
            _settings(world, "place", zone="Asia/Tokyo", currency="JPY"),
        ],
    }
    for kind in ("costs", "transactions"):
        part = f"import-{kind}"
        columns, told = (
            f'{{"import-column":["ALL"],"of":"{kind}"}}',
            f'{{"import-told":["ALL"],"of":"{kind}"}}',
        )
        uploaded = {
            f"{part}-file.contents": file,
            f"{part}-file.filename": "quokka7z.csv",
            f"{columns}.value": [({"import-column": "date", "of": kind}, None)],
            f"{told}.value": [({"import-told": "currency", "of": kind}, None)],
            f"{part}-go.n_clicks": 1,
        }
        found[f"{part}-preview.children"] = [Call(uploaded, f"{part}-file", changes=False)]
        found[f"{part}-go.n_clicks"] = [Call(uploaded)]
        found[f"..{part}-running.children...{part}-tick.disabled.."] = [
            Call({f"{part}-job.data": {"job": ids["job"]}}, changes=False)
        ]
        asked = {"page": "import", "kind": kind}
        found[f"{part}-place.children"] = [
            Call({"act.data": {**asked, "do": "open"}}, changes=False),
            Call({"act.data": {**asked, "do": "cancel", "job": ids["job"]}}, changes=kind == "costs"),
            Call({"act.data": {**asked, "do": "undo", "import": ids["import"]}}, changes=kind == "costs"),
        ]
    return found


def acts(world: World, profile: str) -> Mapping[str, list[Mapping[str, Any]]]:
    """What buttons ask for, by their page, in an order in which each has something to change. `profile` is
    the one that they name, the ids are Alice's."""
    ids = world.ids
    was = {
        "profile_id": profile, "category": "tools", "description": "Quokka7z again", "channel": None,
        "amount": "5", "currency": "EUR", "expense_date": world.anna.local_date(world.made).isoformat(),
    }  # fmt: skip
    asked: dict[str, list[dict[str, Any]]] = {
        "costs": [
            {"do": "edit", "cost": ids["cost"], "was": was},
            {"do": "delete", "cost": ids["cost"]},
            {"do": "remove", "cost": ids["second cost"]},
            {"do": "add", "cost": ids["cost"], "was": was},
        ],
        "revenue": [
            {"do": "complete", "sale": ids["pending"]},
            {"do": "reopen", "sale": ids["pending"]},
            {"do": "delete", "sale": ids["by hand"]},
            {"do": "remove", "sale": ids["pending"]},
        ],
        "safety": [
            {"do": "forget", "seen": ids["seen"]},
            {"do": "see", "alert": ids["alert"]},
            {"do": "see"},
            {"do": "mute", "alert": ids["alert"]},
            {"do": "unmute", "network": ids["network"]},
        ],
        "delivery": [
            {"do": "test", "channel": ids["channel"]},
            {"do": "renew", "channel": ids["channel"]},
            {"do": "remove", "channel": ids["channel"]},
            {"do": "restore", "channel": ids["channel"]},
            {"do": "start", "channel": ids["channel"]},
            {"do": "replay", "delivery": ids["delivery"]},
        ],
        "settings": [
            {"do": "rename", "name": "Quokka7z", "hosts": []},
            {"do": "role", "account": str(world.bob), "role": "owner"},
            {"do": "remove", "account": str(world.bob)},
            {"do": "readmit", "email": "bob-quokka7z@example.org", "role": "viewer"},
            {"do": "revoke", "token": ids["token"]},
            {"do": "restore", "token": ids["token"]},
            {"do": "undo", "import": ids["import"]},
            {"do": "rebuild"},
            {"do": "cancel", "job": ids["job"]},
            {"do": "leave"},
            {"do": "stay"},
            {"do": "forget", "visitor": "v0"},
            {"do": "export"},
        ],
    }
    return {
        page: [{"page": page, "profile": profile, **each} for each in of_page]
        for page, of_page in asked.items()
    }


def _saved(kind: str, form: str, /, **fields: Any) -> Call:
    pattern = f'{{"{kind}-form":["ALL"],"field":["ALL"]}}'
    if kind > "field":
        pattern = f'{{"field":["ALL"],"{kind}-form":["ALL"]}}'
    written = [({f"{kind}-form": form, "field": name}, value) for name, value in fields.items()]
    button = {f"{kind}-save": form}
    return Call({f'{{"{kind}-save":["ALL"]}}.n_clicks': [(button, 1)], f"{pattern}.value": written}, button)


def _settings(world: World, form: str, /, changes: bool = True, **fields: Any) -> Call:
    save = {"part": "save", "settings": form}
    return Call(
        {
            '{"part":"save","settings":["MATCH"]}.n_clicks': (save, 1),
            '{"field":["ALL"],"settings":["MATCH"]}.value': [
                ({"settings": form, "field": name}, value) for name, value in fields.items()
            ],
            '{"part":"profile","settings":["MATCH"]}.data': (
                {"settings": form, "part": "profile"},
                str(world.anna.profile_id),
            ),
        },
        save,
        changes,
    )
