"""Commands of time limits."""

import typer

from api.cli_common import progress_bars, with_database
from api.settings import Settings

clocks = typer.Typer(help="时限", no_args_is_help=True)


@clocks.callback()
def group() -> None:
    """时限：按工单的历史补上。"""


@clocks.command("catch-up")
def catch_up_command() -> None:
    """给还没有时限的旧工单按历史补上（升级以后用一次，再用没有坏处）；以前过期的只亮红灯，不补催、不补督办、不补上交。"""
    from api.db.session import Database
    from api.services.clock_history import catch_up
    from api.services.policy_file import read_policy
    from api.services.routing import RoutingDesk

    with progress_bars() as progress:

        async def work(database: Database, settings: Settings) -> int:
            return await catch_up(database, RoutingDesk(read_policy()), now=settings.now(), progress=progress)

        done = with_database(work)
    typer.echo(f"补了 {done} 件")
