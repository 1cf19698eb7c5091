"""One file with everything that cannot be made again: the desk's database, the bot's memory, evidence, local figures.

Keys are not in it unless asked for: a backup and its key in one place are no secret. It says which key it needs.
"""

import hashlib
import io
import json
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from api.db import dump
from api.db.base import DataKeys
from api.db.dump import Progress
from api.db.migrate import migrate
from api.domain.errors import Conflict, InvalidInput, NotFound

FORMAT = 1
MANIFEST = "manifest.json"
DESK = "desk.sqlite"
TABLES = "tables"
TRACKER = "tracker.db"
LOOSE = ("local_figures.yml", "statutes.db")
KEYS = ("keys/data_key", "keys/secret_key")
ALLOWED = re.compile(
    r"(?:desk\.sqlite|tracker\.db|tables/[a-z_]+|local_figures\.yml|statutes\.db|keys/[a-z_]+|evidence/\d+/[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Site:
    """What a backup needs to know of an installation. `evidence` None: kept elsewhere (S3), not in the backup."""

    home: Path
    database_url: str
    data_key: str
    evidence: Path | None
    tracker: Path | None


@dataclass(frozen=True)
class Manifest:
    format: int
    made_at: str
    revision: str
    sqlite: bool
    key: str
    files: Mapping[str, str]
    tickets: int


def fingerprint(data_key: str) -> str:
    return hashlib.sha256(f"fengqiao backup\0{data_key}".encode()).hexdigest()[:16]


def back_up(site: Site, target: Path, *, with_keys: bool, now: datetime, progress: Progress) -> Manifest:
    """Written beside the target first, so that a failed backup never replaces a good one."""
    revision = dump.revision(site.database_url)
    if not revision:
        raise NotFound("还没有数据库，没有什么可以备份。")
    sums: dict[str, str] = {}
    draft = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent or None) as folder, tarfile.open(draft, "w:gz") as archive:
        found = list(_contents(site, Path(folder), with_keys, progress))
        for done, (name, path) in enumerate(found, 1):
            sums[name] = _sum(path)
            archive.add(path, name, recursive=False)
            progress("写入", done, len(found))
        manifest = Manifest(
            format=FORMAT,
            made_at=now.isoformat(),
            revision=revision,
            sqlite=dump.is_sqlite(site.database_url),
            key=fingerprint(site.data_key),
            files=sums,
            tickets=dump.tickets_in(site.database_url),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(text), 0o600
        archive.addfile(info, io.BytesIO(text))
    draft.chmod(0o600)
    draft.replace(target)
    return manifest


def _contents(site: Site, folder: Path, with_keys: bool, progress: Progress) -> Iterator[tuple[str, Path]]:
    if dump.is_sqlite(site.database_url):
        dump.copy_sqlite(dump.file_of(site.database_url), folder / DESK, progress)
        yield DESK, folder / DESK
    else:
        (folder / TABLES).mkdir()
        dump.dump_postgres(site.database_url, folder / TABLES, progress)
        yield from ((f"{TABLES}/{path.name}", path) for path in sorted((folder / TABLES).iterdir()))
    if site.tracker and site.tracker.is_file():
        dump.copy_sqlite(site.tracker, folder / TRACKER, progress)
        yield TRACKER, folder / TRACKER
    for name in (*LOOSE, *(KEYS if with_keys else ())):
        if (site.home / name).is_file():
            yield name, site.home / name
    if site.evidence and site.evidence.is_dir():
        for path in sorted(site.evidence.glob("*/*")):
            yield f"evidence/{path.parent.name}/{path.name}", path


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(site: Site, source: Path, *, force: bool, progress: Progress) -> Manifest:
    """Checked whole before anything is touched. Raises InvalidInput (a broken file), Conflict (not to be put here)."""
    with tempfile.TemporaryDirectory(dir=site.home) as name:
        folder = Path(name)
        manifest = _unpacked(source, folder, progress)
        key = (folder / KEYS[0]).read_text().strip() if (folder / KEYS[0]).is_file() else site.data_key
        if fingerprint(key) != manifest.key:
            raise Conflict("这份备份用的是另一把数据密钥（FENGQIAO_DATA_KEY），放对密钥再恢复。", code="other_key")
        if manifest.sqlite != dump.is_sqlite(site.database_url):
            raise Conflict("备份和现在用的不是同一种数据库。", code="other_database")
        if not force and dump.tickets_in(site.database_url):
            raise Conflict("现在的库里已经有工单；确定要换掉，加上 --force。", code="not_empty")
        _put_back(site, folder, manifest, progress)
    DataKeys.use([key])  # what an older backup kept in the clear may have to be encrypted
    migrate(site.database_url)
    return manifest


def _unpacked(source: Path, folder: Path, progress: Progress) -> Manifest:
    try:
        with tarfile.open(source) as archive:
            members = archive.getmembers()
            for done, member in enumerate(members, 1):
                if not member.isreg() or not (member.name == MANIFEST or ALLOWED.fullmatch(member.name)):
                    raise InvalidInput(f"备份里有不认识的文件：{member.name[:80]}", code="bad_backup")
                archive.extract(member, folder, filter="data")
                progress("读出", done, len(members))
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
    except (tarfile.TarError, OSError, EOFError, ValueError, TypeError) as error:
        raise InvalidInput("备份文件读不出来或者不完整。", code="bad_backup") from error
    if manifest.format != FORMAT:
        raise InvalidInput("这份备份是别的版本做的。", code="bad_backup")
    wrong = [name for name, digest in manifest.files.items() if not _same(folder / name, digest)]
    if wrong or {one.name for one in members} != {*manifest.files, MANIFEST}:
        raise InvalidInput(f"备份里的文件对不上：{'、'.join(wrong[:3]) or '清单'}", code="bad_backup")
    return manifest


def _same(path: Path, digest: str) -> bool:
    return path.is_file() and _sum(path) == digest


def _put_back(site: Site, folder: Path, manifest: Manifest, progress: Progress) -> None:
    if manifest.sqlite:
        place(folder / DESK, dump.file_of(site.database_url))
    else:
        dump.load_postgres(site.database_url, folder / TABLES, manifest.revision, progress)
    if site.tracker and (folder / TRACKER).is_file():
        place(folder / TRACKER, site.tracker)
    for name in (*LOOSE, *KEYS):
        if (folder / name).is_file():
            place(folder / name, site.home / name)
    for path in (folder / "evidence").glob("*/*"):
        if site.evidence:
            place(path, site.evidence / path.parent.name / path.name)


def place(source: Path, target: Path) -> None:
    """In one step; what SQLite left beside the old file goes with it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for tail in ("-wal", "-shm"):
        target.with_name(target.name + tail).unlink(missing_ok=True)
    draft = target.with_name(target.name + ".new")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    draft.replace(target)
