"""Evidence files before they are kept: what they really are, pictures without their hidden data, sealed storage."""

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import filetype
import fsspec
from PIL import Image, ImageOps, UnidentifiedImageError

from api.db.base import DataKeys
from api.domain.errors import InvalidInput

LONGEST_NAME = 100
# A picture above Pillow's own limit is only warned of, so both are refusals.
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class EvidenceFile:
    """`content` is what is kept; `digest` is of the file as it was sent, so that the same one is known again."""

    name: str
    media_type: str
    content: bytes
    digest: str


def too_large(rules: Mapping[str, Any]) -> InvalidInput:
    text = rules["wording"]["too_large"].format(megabytes=rules["most_bytes"] // 1_000_000)
    return InvalidInput(text, code="too_large")


def examined(name: str, content: bytes, rules: Mapping[str, Any]) -> EvidenceFile:
    """Raises InvalidInput (empty, too_large, wrong_type, broken_image, too_many_pixels). Slow: call it in a thread."""
    words = rules["wording"]
    if not content:
        raise InvalidInput(words["empty"], code="empty")
    if len(content) > rules["most_bytes"]:
        raise too_large(rules)
    media_type = filetype.guess_mime(content)
    kind = rules["types"].get(media_type)
    if kind is None:
        names = "、".join(dict.fromkeys(one["name"] for one in rules["types"].values()))
        raise InvalidInput(words["wrong_type"].format(names=names), code="wrong_type")
    kept = bare_picture(content, kind["pillow"], rules) if "pillow" in kind else content
    return EvidenceFile(plain_name(name, words["unnamed"]), media_type, kept, sha256(content).hexdigest())


def plain_name(name: str, unnamed: str) -> str:
    """The last part of a path of any system, without control and direction characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(char for char in last if not unicodedata.category(char).startswith("C")).strip(" .")
    return seen[-LONGEST_NAME:] or unnamed


def bare_picture(content: bytes, form: str, rules: Mapping[str, Any]) -> bytes:
    """The pixels alone, upright: place, time, device and comments of the photograph are gone."""
    words = rules["wording"]
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as opened:
            if opened.width * opened.height > rules["most_pixels"]:
                raise InvalidInput(words["too_many_pixels"], code="too_many_pixels")
            upright = ImageOps.exif_transpose(opened)
            bare = upright.convert("RGBA") if "transparency" in upright.info else upright.copy()
    except BOMBS as error:
        raise InvalidInput(words["too_many_pixels"], code="too_many_pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InvalidInput(words["broken_image"], code="broken_image") from error
    bare.info = {}
    out = io.BytesIO()
    bare.save(out, form)
    return out.getvalue()


class EvidenceStore:
    """Files under one folder or bucket (any fsspec address), readable with FENGQIAO_DATA_KEY only."""

    def __init__(self, address: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(address)

    def put(self, ticket_id: int, file: EvidenceFile) -> None:
        """The same file on the same ticket replaces itself."""
        if DataKeys.cipher is None:
            raise RuntimeError("DataKeys.use() was not called")
        self._files.makedirs(f"{self._root}/{ticket_id}", exist_ok=True)
        self._files.pipe_file(self._path(ticket_id, file.digest), DataKeys.cipher.encrypt(file.content))

    def get(self, ticket_id: int, digest: str) -> bytes:
        if DataKeys.cipher is None:
            raise RuntimeError("DataKeys.use() was not called")
        return DataKeys.cipher.decrypt(self._files.cat_file(self._path(ticket_id, digest)))

    def _path(self, ticket_id: int, digest: str) -> str:
        return f"{self._root}/{ticket_id}/{digest}"
