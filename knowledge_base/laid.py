"""A folder that is written whole beside its place and only then put there, so that no reader sees half of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def laid(folder: Path, *, replace: bool = True) -> Iterator[Path]:
    """Yields an empty folder to write into; on success it becomes `folder`, on an error nothing has changed.

    With `replace` False a folder that came first, from another process with the same work, stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=folder.name + ".", dir=folder.parent))
    try:
        yield new
        new.chmod(0o755)
        if replace:
            shutil.rmtree(folder, ignore_errors=True)
        try:
            new.rename(folder)
        except OSError:
            if replace or not folder.is_dir():
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
