"""Base class and column types shared by all tables."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class PlainText(TypeDecorator[str]):
    """Drops NUL characters, which PostgreSQL refuses: the rest of what somebody wrote must not be lost for one."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.replace("\x00", "")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012
        str: PlainText,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        list[str]: JSON,
    }


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware out; stored as UTC. A naive datetime is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DataKeys:
    """The key that personal data is stored under; set once when a process starts."""

    cipher: MultiFernet | None = None
    pepper: bytes = b""

    @classmethod
    def use(cls, secrets: Sequence[str]) -> None:
        """First secret encrypts, all of them decrypt (so a key can be changed without losing anything)."""
        keys = [base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()) for secret in secrets]
        cls.cipher = MultiFernet([Fernet(key) for key in keys])
        cls.pepper = hashlib.sha256(b"digest\x1f" + secrets[0].encode()).digest()


LEAST_DIGITS = 7  # a landline without its area code


def phone_digest(phone: str) -> str | None:
    """What a telephone number is found by: keyed, so that it cannot be guessed from outside the data folder.

    None for what nobody can be found by: words instead of a number (anonymous, 没有电话), or the short number of a
    service that many calls come from (12345).
    Spaces, dashes, a leading +86 and the long-distance 0 in front of a mobile number make no difference.
    """
    if not DataKeys.pepper:
        raise RuntimeError("DataKeys.use() was not called")
    digits = "".join(char for char in phone if char.isdecimal()).removeprefix("0086")
    digits = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    digits = digits[1:] if len(digits) == 12 and digits.startswith("01") else digits
    if len(digits) < LEAST_DIGITS:
        return None
    return hmac.new(DataKeys.pepper, digits.encode(), hashlib.sha256).hexdigest()


class EncryptedText(TypeDecorator[str]):
    """Names, phone numbers, open ids: readable only with FENGQIAO_DATA_KEY."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        if DataKeys.cipher is None:
            raise RuntimeError("DataKeys.use() was not called")
        return DataKeys.cipher.encrypt(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if DataKeys.cipher is None:
            raise RuntimeError("DataKeys.use() was not called")
        return DataKeys.cipher.decrypt(bytes(value)).decode()
