"""The virus scanner of the house, asked through its own command."""

import asyncio
import shlex

from api.domain.errors import InvalidInput, Unavailable

SECONDS = 60.0
FOUND = "这个文件被查出病毒，没有保存。"
SILENT = "查毒程序没有应答，文件暂时收不了，请稍后再试。"


async def scan(command: str, content: bytes) -> None:
    """The file goes to the command's input; 0 is clean, 1 is a hit, all else is no answer. No command: no scan."""
    if not command:
        return
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *shlex.split(command), stdin=pipe, stdout=nothing, stderr=nothing
        )
    except OSError as error:
        raise Unavailable(SILENT) from error
    try:
        await asyncio.wait_for(process.communicate(content), SECONDS)
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise Unavailable(SILENT) from error
    if process.returncode == 1:
        raise InvalidInput(FOUND, code="virus")
    if process.returncode:
        raise Unavailable(SILENT)
