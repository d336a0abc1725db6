"""Hands a mail over to the operator's server."""

import smtplib
import ssl
from email.message import EmailMessage

from models.outside import MailServer
from services.delivery.network import PATIENCE, Unreachable


def send(server: MailServer, mail: EmailMessage) -> str:
    """Sends the mail; returns what came of it in a sentence. Raises Unreachable."""
    try:
        with _connected(server) as session:
            if server.user:
                session.login(server.user, server.password or "")
            session.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        raise Unreachable("The mail server refused this address.") from error
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable(
            "The mail server did not take the user and password of this installation."
        ) from error
    except smtplib.SMTPException as error:
        raise Unreachable("The mail server did not take the mail.") from error
    except OSError as error:
        raise Unreachable("The mail server can't be reached.") from error
    return "The mail server took it."


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=context)
    session = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
    if server.security == "starttls":
        session.starttls(context=ssl.create_default_context())
    return session
