"""Commands that check the desk's own books."""

import typer

from api.cli_common import fail, progress_bars, with_database
from api.settings import Settings

audit = typer.Typer(help="核对办理记录", no_args_is_help=True)
MOST_SHOWN = 200


@audit.command("verify")
def verify_command() -> None:
    """逐张工单重放办理记录，核对每条记录和证据；有对不上的列出单号，退出码 1。"""
    from api.db.session import Database
    from api.services.audit import AuditReport, verify

    with progress_bars() as progress:

        async def work(database: Database, _settings: Settings) -> AuditReport:
            return await verify(database, progress)

        report = with_database(work)
    for no, why in report.broken[:MOST_SHOWN]:
        typer.secho(f"{no}  {why}", fg="red", err=True)
    if report.broken:
        raise fail(f"核对 {report.checked} 张，{len(report.broken)} 张对不上。")
    typer.echo(f"核对 {report.checked} 张，全部对得上。")
