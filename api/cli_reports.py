"""Commands of counting: reports, and the counts they are made of."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.cli_common import fail, in_database, progress_bars, with_database
from api.cli_desk import show_errors
from api.domain.access import Viewer
from api.domain.errors import DomainError
from api.domain.period import Period
from api.settings import Settings

if TYPE_CHECKING:
    from api.db.session import Database
    from api.services.reports.model import Report, Table

counts = typer.Typer(help="报表用的统计数", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("report")(report_command)
    app.add_typer(counts, name="counts")


def report_command(
    kind: Annotated[str, typer.Argument(help="month 月报、day 日报、week 周报……写错会列出全部")],
    period: Annotated[str, typer.Argument(help="2026-10、2026-Q4、2026、2026-W41 或 2026-10-05")],
    out: Annotated[Path | None, typer.Option(help="写到哪里：.xlsx、.docx 或 .json；不写就打印")] = None,
    public: Annotated[bool, typer.Option("--public", help="对外版本：件数少的格子不显示")] = False,
) -> None:
    """出报表：人民调解案件情况、日报、周报、流向表、分析研判等；屏幕、xlsx、docx 是同一组数。"""
    from api.services.reports.build import build
    from api.services.reports.files import FORMATS

    form = out.suffix.lstrip(".").lower() if out else ""
    if out and form != "json" and form not in FORMATS:
        raise fail(f"--out 要以 {'、'.join(f'.{one}' for one in (*FORMATS, 'json'))} 结尾")
    with progress_bars() as progress:

        async def work(session: AsyncSession, settings: Settings) -> "Report":
            when, viewer = Period.parse(period), Viewer.tool("命令行")
            return await build(
                session, kind, when, visible_to=viewer, at=settings.now(), public=public, progress=progress
            )

        try:
            made = in_database(work, write=False)
        except DomainError as error:
            raise fail(error.detail) from error
    if out is None:
        typer.echo("\n".join(printed(made)))
        return
    try:
        out.write_bytes(as_json(made) if form == "json" else asyncio.run(FORMATS[form].write(made)))
    except OSError as error:
        raise fail(str(error)) from error
    typer.echo(f"已写到 {out}")


def as_json(report: "Report") -> bytes:
    from api.http.schemas.reports import ReportOut

    return ReportOut.model_validate(report).model_dump_json(indent=2).encode()


def printed(report: "Report") -> Iterator[str]:
    yield f"{report.title}（{report.period.zh}，{report.scope}）"
    for section in report.sections:
        yield f"\n— {section.title} —"
        yield from section.sentences
        for table in section.tables:
            yield from table_lines(table)


def table_lines(table: "Table") -> Iterator[str]:
    """Columns by tabs: for the eye, and for whoever pastes it into a spreadsheet."""
    yield "\t".join((table.head, *(one.title for one in table.columns)))
    for row in table.rows:
        yield "\t".join((row.name, *(str(one.shown) for one in row.cells)))
    if table.note:
        yield table.note


@counts.command("rebuild")
def counts_rebuild(
    everything: Annotated[bool, typer.Option("--all", help="全部重算；不写就只补没有算过的")] = False,
) -> None:
    """按工单的历史补算或重算统计数（升级以后用一次）。"""
    from api.services.counting import catch_up

    with progress_bars() as progress:

        async def work(database: "Database", _settings: Settings) -> int:
            return await catch_up(database, everything=everything, progress=progress)

        done = with_database(work)
    typer.echo(f"算了 {done} 件")


@counts.command("court")
def counts_court(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx，或 UTF-8、GBK 的 CSV")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False,
) -> None:
    """导入法院收案数（镇、村、时间段、收案）；好的行照常进，坏的行列出来。"""
    from api.services.count_rules import count_rules
    from api.services.court_figures import CourtReport, import_figures
    from api.services.directory_rules import directory_rules

    async def work(session: AsyncSession, settings: Settings) -> CourtReport:
        content = file.read_bytes()
        return await import_figures(
            session, directory_rules(), count_rules(), content, at=settings.now(), dry_run=dry_run
        )

    try:
        report = in_database(work)
    except DomainError as error:
        raise fail(error.detail) from error
    show_errors([str(one) for one in report.errors])
    typer.echo(f"{'试导入：' if dry_run else ''}{report.text}")
