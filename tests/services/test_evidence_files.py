"""What comes in as evidence: refused when it is not what it says, bare when it is a picture, sealed when kept."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from api.db.base import DataKeys
from api.domain.errors import InvalidInput
from api.services.evidence_files import EvidenceStore, examined
from knowledge_base.evidence import load_evidence_rules

RULES = load_evidence_rules()
MAKER, ORIENTATION, GPS = 271, 274, 34853


def photo(form: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION], exif[GPS] = "maker-of-phone", 6, {1: "N", 2: (30.0, 15.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, form, exif=exif)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_nothing_but_its_pixels(form: str) -> None:
    kept = examined("a.jpg", photo(form), RULES)
    assert b"maker-of-phone" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as opened:
        assert not opened.getexif()
        assert opened.size == (20, 40)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (bytes(50_000_000), "too_large"),
        (b"MZ\x90\x00" + bytes(400), "wrong_type"),
        (b"<svg onload='x()'/>", "wrong_type"),
        (photo()[:300], "broken_image"),
        (bomb(8_000), "too_many_pixels"),
        (bomb(12_000), "too_many_pixels"),
        (bomb(60_000), "too_many_pixels"),
    ],
    ids=["empty", "50 MB", "exe", "svg", "cut off", "large", "warned of", "bomb"],
)
def test_what_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        examined("photo.jpg", content, RULES)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/工资条.jpg", "工资条.jpg"),
        ("C:\\x\\a.jpg", "a.jpg"),
        ("a\r\n\u202eb.jpg", "ab.jpg"),
        ("..", "未命名"),
    ],
)
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert examined(given, photo(), RULES).name == kept


def test_kept_sealed_and_once(tmp_path: Path) -> None:
    DataKeys.use(["test-key"])
    store, file = EvidenceStore(str(tmp_path / "evidence")), examined("a.jpg", photo(), RULES)
    store.put(7, file)
    store.put(7, file)
    (stored,) = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert file.content not in stored.read_bytes()
    assert store.get(7, file.digest) == file.content
