"""The files a report can be written to. Writing is slow enough to be done beside the event loop."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.services.reports.docx import as_docx
from api.services.reports.model import Report
from api.services.reports.xlsx import as_xlsx


@dataclass(frozen=True)
class FileFormat:
    media_type: str
    writer: Callable[[Report], bytes]

    async def write(self, report: Report) -> bytes:
        return await asyncio.to_thread(self.writer, report)


OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS: Mapping[str, FileFormat] = {
    "docx": FileFormat(f"{OFFICE}.wordprocessingml.document", as_docx),
    "xlsx": FileFormat(f"{OFFICE}.spreadsheetml.sheet", as_xlsx),
}
