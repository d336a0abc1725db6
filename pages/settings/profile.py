"""Settings: the profile, where it is, who may see it, and the tracker of its site."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dash import Output, State, callback, dcc, html, register_page, set_props
from dash.development.base_component import Component
from flask import request

from components.card import box
from components.frame import QUERY
from components.settings import members, place, profile, tracker
from components.settings.sections import PATH
from models import clock
from pages import boxed, database, done, may_change, reader, redraw, renamed, scope_of
from pages.settings import CARDS, changed, does, forgotten, saves, settings
from services import accounts, jobs, profiles
from services.jobs import CHANGE
from services.profiles import Profile
from session import caller, stores

register_page(
    __name__, path=PATH, name="Settings", title="Settings · Platform Analytics",
    order=90, group="Settings", icon="settings",
)  # fmt: skip


def layout(**query: Any) -> Component:
    """The page without its data."""
    return settings(
        PATH,
        query,
        "This profile, and who may see it.",
        [
            box("settings-profile", 270),
            box("settings-place", 181, phone=284),
            box("settings-members", 231, phone=326),
            html.Div(id="settings-members-secret", className="box span-12"),
        ],
        [box("settings-tracker", 371, phone=468), dcc.Store(id="settings-members-own")],
    )


@callback(Output("settings-profile", "children"), QUERY, changed("profile"))
@boxed
def own_profile(search: str, changed: int) -> Component:
    """Name and own sites."""
    own = scope_of(search).profile
    return profile.profile(own, may_change(own))


@callback(Output("settings-place", "children"), QUERY, changed("place"))
@boxed
def where(search: str, changed: int) -> Component:
    """Zone and currency; while everything is counted again in others, how far that is."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        last = jobs.newest(tx, own.profile_id, CHANGE)
        first = profiles.first_day(tx, own.profile_id)
    return place.place(own, last, first is not None, reader(), may_change(own))


@callback(Output("settings-members", "children"), QUERY, changed("members"))
@boxed
def who(search: str, changed: int) -> Component:
    """Who may see the profile."""
    own = scope_of(search).profile
    with database().transaction() as tx:
        found = accounts.members(tx, own.profile_id)
    return members.members(found, own, reader(), may_change(own))


@callback(Output("settings-tracker", "children"), QUERY)
@boxed
def site(search: str) -> Component:
    """What to paste into the own site."""
    return tracker.tracker(scope_of(search).profile, request.host_url.rstrip("/"))


@callback(
    Output("settings-members-secret", "children"),
    Output("settings-members-own", "data"),
    QUERY,
    State("settings-members-own", "data"),
)
def forget(search: str, before: str | None) -> tuple[None, str | None]:
    """The password that was shown once is gone with its profile."""
    return forgotten(search, before)


@saves(profile.FORM)
def _save_profile(own: Profile, written: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        profiles.edit(
            tx,
            own.profile_id,
            at=clock.now(),
            name=str(written["name"] or ""),
            own_hosts=[str(host) for host in written["hosts"] or ()],
        )
    renamed()
    back = {"do": "rename", "name": own.name, "hosts": list(own.own_hosts)}
    done("settings", own, "The profile is saved.", back)


@does("rename")
def _rename(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        profiles.edit(tx, own.profile_id, at=clock.now(), name=asked["name"], own_hosts=asked["hosts"])
    renamed()
    redraw("settings-profile")
    done("settings", own, "Taken back.")


@saves(place.FORM)
def _save_place(own: Profile, written: Mapping[str, Any]) -> None:
    zone, currency = str(written["zone"] or ""), str(written["currency"] or "")
    wanted = {"time_zone": zone, "currency": currency}
    job = jobs.edit(stores(), own.profile_id, asked_by=caller().called, at=clock.now(), **wanted)
    if job is None:
        renamed()
        redraw(*CARDS)
        done("settings", own, f"Days and sums are those of {place.words(zone, currency)}.")
    else:
        redraw("settings-place", "settings-tasks")


@saves(members.FORM)
def _save_member(own: Profile, written: Mapping[str, Any]) -> None:
    email, role = str(written["email"] or ""), str(written["role"] or "")
    with database().transaction() as tx:
        member, password = accounts.invite(tx, own.profile_id, email, role, clock.now())
    back = {"do": "remove", "account": str(member.account_id)}
    redraw("settings-members")
    done("settings", own, f"{member.email} is a member now.", back)
    shown = members.password(member.email, password) if password else None
    set_props("settings-members-secret", {"children": shown})


@does("role")
def _set_role(own: Profile, asked: Mapping[str, Any]) -> None:
    account_id, role = UUID(asked["account"]), str(asked["role"])
    with database().transaction() as tx:
        was = accounts.member(tx, own.profile_id, account_id)
        accounts.grant(tx, account_id, own.profile_id, role, clock.now())
    back = {"do": "role", "account": asked["account"], "role": was.role}
    redraw("settings-members")
    done("settings", own, f"{was.email} is {members.ROLES[role].lower()} now.", _by_owner(account_id, back))


@does("remove")
def _remove(own: Profile, asked: Mapping[str, Any]) -> None:
    account_id = UUID(asked["account"])
    with database().transaction() as tx:
        was = accounts.revoke(tx, own.profile_id, account_id)
    back = {"do": "readmit", "email": was.email, "role": was.role}
    redraw("settings-members")
    done("settings", own, f"{was.email} can't see this profile any more.", _by_owner(account_id, back))


@does("readmit")
def _readmit(own: Profile, asked: Mapping[str, Any]) -> None:
    with database().transaction() as tx:
        account_id = accounts.find(tx, asked["email"]).account_id
        accounts.grant(tx, account_id, own.profile_id, asked["role"], clock.now())
    redraw("settings-members")
    done("settings", own, "Taken back.")


def _by_owner(account_id: UUID, back: dict[str, str]) -> dict[str, str] | None:
    """The way back, unless it is the own role that was given away."""
    return None if account_id == caller().account_id else back
