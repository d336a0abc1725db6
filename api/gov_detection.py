"""Whether an address belongs to a government's network."""

from typing import Annotated, Any

from flask_openapi3 import APIBlueprint, Tag
from pydantic import Field

from api.schemas import Shape
from models.errors import InvalidInput
from services.access import READ
from services.gov_detection import Kind, parsed
from services.ingest.inputs import Input
from session import caller, detector

blueprint = APIBlueprint(
    "gov-detection", __name__, url_prefix="/gov-detection", abp_tags=[Tag(name="Government detection")]
)


class Asked(Input):
    """The address to judge, IPv4 or IPv6."""

    ip: Annotated[str, Field(max_length=100, examples=["156.33.195.33"])]


class Judged(Shape):
    """What is known of an address. `isGovernment` is null when that is unknown."""

    ip: str
    is_government: bool | None
    confidence: Annotated[float, Field(ge=0, le=1, description="The probability; 0 where nothing is known")]
    kind: Kind | None
    organization: str | None
    asn: Annotated[str | None, Field(examples=["AS3495"])]
    country: Annotated[str | None, Field(description="ISO 3166-1 code")]
    reasons: Annotated[list[str], Field(description="Sentences, the weightiest first")]
    list_version: Annotated[str, Field(description="The rules that judged")]


@blueprint.post("/check-ip", responses={200: Judged})
def check_ip(body: Asked) -> dict[str, Any]:
    """Judges an address, with the reasons. Nothing is stored, and nobody is asked outside."""
    caller().require_anywhere(READ)
    if parsed(body.ip) is None:
        raise InvalidInput.at("/ip", "This is not an IP address.")
    verdict = detector().judge(body.ip.strip())
    return {
        "ip": verdict.ip,
        "isGovernment": verdict.is_government,
        "confidence": round(verdict.confidence, 4),
        "kind": verdict.kind,
        "organization": verdict.organization,
        "asn": verdict.asn,
        "country": verdict.country,
        "reasons": list(verdict.reasons),
        "listVersion": verdict.list_version,
    }
