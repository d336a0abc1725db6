"""What the audit trail tells of: each action has a slug that stays for good, a kind, and a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

KINDS: Mapping[str, str] = {
    "access": "Sign-ins",
    "exports": "Exports",
    "costs": "Costs",
    "income": "Income",
    "imports": "Imports",
    "alerts": "Alerts",
    "tokens": "Tokens",
    "members": "Members",
    "settings": "Settings",
    "keeping": "Kept and removed",
}
"""The kinds of actions, by what a person calls them."""
_SUBJECT = "{}"


@dataclass(frozen=True)
class Action:
    """One of them; "{}" in its sentence stands for the subject."""

    kind: str
    sentence: str

    def of(self, subject: str) -> str:
        """The sentence about this subject."""
        return self.sentence.replace(_SUBJECT, subject).strip()


ACTIONS: Mapping[str, Action] = {
    "signed-in": Action("access", "Signed in"),
    "sign-in-refused": Action("access", "Was refused the sign-in: the password was wrong"),
    "signed-out-everywhere": Action("access", "Signed out everywhere"),
    "password-changed": Action("access", "Changed the password; all other sign-ins ended"),
    "reset-link-sent": Action("access", "Was sent a link for a new password"),
    "password-reset": Action("access", "Set a new password by the link; all sign-ins ended"),
    "second-step-on": Action("access", "Turned the second step on; all other sign-ins ended"),
    "second-step-off": Action("access", "Turned the second step off; all other sign-ins ended"),
    "second-step-reset": Action("access", "Turned the second step off without a code; all sign-ins ended"),
    "recovery-codes-made": Action("access", "Made new recovery codes; the old ones ended"),
    "code-refused": Action("access", "Was refused a code of the second step"),
    "exported": Action("exports", "Exported {}"),
    "export-asked": Action("exports", "Asked for an export of everything"),
    "export-fetched": Action("exports", "Fetched the export of everything"),
    "cost-added": Action("costs", "Added the cost {}"),
    "cost-changed": Action("costs", "Changed the cost {}"),
    "cost-removed": Action("costs", "Deleted the cost {}"),
    "transaction-added": Action("income", "Entered {}"),
    "transaction-changed": Action("income", "Changed {}"),
    "transaction-completed": Action("income", "Marked {} completed"),
    "transaction-reopened": Action("income", "Made {} pending again"),
    "transaction-refunded": Action("income", "Refunded {}"),
    "refund-removed": Action("income", "Took back a refund of {}"),
    "transaction-removed": Action("income", "Deleted {}"),
    "transaction-restored": Action("income", "Took back that {} was deleted"),
    "import-made": Action("imports", "Imported {}"),
    "import-undone": Action("imports", "Took back the import of {}"),
    "alerts-acknowledged": Action("alerts", "Acknowledged {}"),
    "alerts-unacknowledged": Action("alerts", "Took back that {} acknowledged"),
    "network-muted": Action("alerts", "Muted the network {}"),
    "network-unmuted": Action("alerts", "Asked to hear of the network {} again"),
    "channel-added": Action("alerts", "Added {} as a way for alerts"),
    "channel-removed": Action("alerts", "Removed {} as a way for alerts"),
    "channel-restored": Action("alerts", "Took back that {} was removed"),
    "channel-started": Action("alerts", "Has alerts sent to {} again"),
    "channel-renewed": Action("alerts", "Changed the secret of {}"),
    "token-made": Action("tokens", "Made the token {}"),
    "token-revoked": Action("tokens", "Revoked the token {}"),
    "token-restored": Action("tokens", "Lets the token {} hold again"),
    "member-added": Action("members", "Made {} a member"),
    "member-changed": Action("members", "Changed the role of {}"),
    "member-removed": Action("members", "Removed {} from the members"),
    "profile-changed": Action("settings", "Changed the profile"),
    "visitor-removed": Action("keeping", "Deleted a visitor: {}"),
    "month-closed": Action("keeping", "Closed {}: its events were removed, its figures stay"),
    "retention-failed": Action("keeping", "Could not do what is due: {}"),
    "backed-up": Action("keeping", "Took a backup of everything"),
    "restored": Action("keeping", "Restored the backup of {}"),
}
