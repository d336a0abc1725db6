"""Signatures of webhooks, as Standard Webhooks (standardwebhooks.com) has them, and the secrets for them.

A secret is stored nowhere: it is made of the channel's salt in the database and of the installation's key
in its data directory. So neither a copy of the database nor one of the page can sign.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from models.keys import Keys

PREFIX = "whsec_"
SALT = 16


def secret_of(keys: Keys, salt: bytes) -> str:
    """The secret of a channel as its receiver is given it: "whsec_" and 32 bytes in base64."""
    made = hmac.new(keys.secret("webhooks").encode(), salt, hashlib.sha256).digest()
    return PREFIX + base64.b64encode(made).decode()


def headers(secret: str, message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers that say which message this is, when it was sent, and that it is ours."""
    stamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
