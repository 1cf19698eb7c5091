"""From the fields of a request to one frozen message."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from api.channels.wechat.config import WeChatConfig
from api.channels.wechat.xml import clean
from api.domain.conversation import InboundMessage

CHANNEL = "wechat"
LONGEST_ADDRESS = 1000
SCENE_PREFIX = "qrscene_"


class Kind(StrEnum):
    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    SHORTVIDEO = "shortvideo"
    LOCATION = "location"
    LINK = "link"
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    CLICK = "click"
    OTHER = "other"


_KINDS = {kind.value: kind for kind in Kind}
EVENTS = frozenset({Kind.SUBSCRIBE, Kind.UNSUBSCRIBE, Kind.SCAN, Kind.CLICK})


class Incomplete(Exception):
    """A field every message must have is missing."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event. `text` is all the person said (typed, recognised, or the place's name), never cut here;
    `key` the menu key or the scene of a QR code; `media_id` and `picture_url` what a picture can be fetched by.
    Coordinates and the media ids of other kinds are not kept."""

    kind: Kind
    openid: str
    account: str
    external_id: str
    text: str
    key: str
    at: datetime
    media_id: str = ""
    picture_url: str = ""

    def inbound(self, config: WeChatConfig, *, text: str | None = None) -> InboundMessage:
        """For the core: the sender is a pseudonym, the open id travels in the field that is stored encrypted."""
        extra = {"kind": self.kind.value}
        if self.kind in (Kind.SUBSCRIBE, Kind.SCAN) and self.key:
            extra["place_hint"] = self.key
        if self.kind is Kind.IMAGE:
            extra |= {"media_id": self.media_id, "picture_url": self.picture_url}
        return InboundMessage(
            channel=CHANNEL,
            sender=config.sender_of(self.openid),
            external_id=self.external_id,
            text=self.text if text is None else text,
            at=self.at,
            reply_address=self.openid,
            extra=extra,
        )


def read(fields: Mapping[str, str]) -> Incoming:
    """Unknown kinds and events become OTHER; only missing basics are an error."""
    openid, account, created = (fields.get(name, "") for name in ("FromUserName", "ToUserName", "CreateTime"))
    if not (openid and account and created.isascii() and created.isdigit() and len(created) <= 11):
        raise Incomplete
    kind = _kind(fields)
    picture = fields if kind is Kind.IMAGE else {}
    return Incoming(
        kind=kind,
        openid=openid,
        account=account,
        external_id=_external_id(fields),
        text=_text(kind, fields),
        key=fields.get("EventKey", "").removeprefix(SCENE_PREFIX).strip()[:128],
        at=datetime.fromtimestamp(int(created), UTC),
        media_id=picture.get("MediaId", "").strip()[:LONGEST_ADDRESS],
        picture_url=picture.get("PicUrl", "").strip()[:LONGEST_ADDRESS],
    )


def _kind(fields: Mapping[str, str]) -> Kind:
    name = fields.get("MsgType", "").lower()
    is_event = name == "event"
    if is_event:
        name = fields.get("Event", "").lower()
    kind = _KINDS.get(name, Kind.OTHER)
    return kind if (kind in EVENTS) == is_event else Kind.OTHER


def _external_id(fields: Mapping[str, str]) -> str:
    """MsgId for messages; for events a digest of who, when and what, since it would contain the open id."""
    if message_id := fields.get("MsgId", "").strip():
        return message_id[:64]
    parts = (fields.get(name, "") for name in ("FromUserName", "CreateTime", "Event", "EventKey"))
    return "event-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]


def _text(kind: Kind, fields: Mapping[str, str]) -> str:
    source = {Kind.TEXT: "Content", Kind.VOICE: "Recognition", Kind.LOCATION: "Label"}.get(kind)
    return clean(fields.get(source, "")).strip() if source else ""
