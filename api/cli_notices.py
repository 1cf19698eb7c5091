"""Commands of notices: dead letters, and sending them again."""

from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.cli_common import fail, in_database
from api.domain.errors import DomainError
from api.settings import Settings

notices = typer.Typer(help="通知", no_args_is_help=True)


@notices.command("dead")
def notices_dead(limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列几条")] = 50) -> None:
    """列出怎么也发不出去的通知和原因。"""
    from api.db import notices as store
    from api.services import notice_inbox

    async def work(session: AsyncSession, _settings: Settings) -> list[str]:
        rows = await notice_inbox.dead_letters(session, limit=limit)
        lines = [f"{row.id:>8}  {row.lane}  {row.event}  试了 {row.attempts} 次：{row.last_error}" for row in rows]
        counts = await store.counts(session)
        return [
            *lines,
            "合计：" + ("，".join(f"{status} {count}" for status, count in sorted(counts.items())) or "没有"),
        ]

    typer.echo("\n".join(in_database(work, write=False)))


@notices.command("resend")
def notices_resend(
    ids: Annotated[list[int] | None, typer.Argument(help="编号；不写就是全部")] = None,
) -> None:
    """把发不出去的通知重新排队。"""
    from api.services import notice_inbox

    async def work(session: AsyncSession, settings: Settings) -> int:
        return await notice_inbox.resend(session, ids or None, at=settings.now())

    try:
        count = in_database(work)
    except DomainError as error:
        raise fail(error.detail) from error
    typer.echo(f"重新排队 {count} 条")
