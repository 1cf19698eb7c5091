"""Backup and restore: one command each."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlparse

import typer

from api.cli_common import configured, fail, progress_bars
from api.domain.errors import DomainError
from api.services.backup import Site, back_up, restore
from api.settings import Settings


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)


def site_of(settings: Settings) -> Site:
    evidence = settings.evidence_url or str(settings.home / "evidence")
    tracker = settings.tracker_url or f"sqlite:///{settings.home / 'tracker.db'}"
    return Site(
        home=settings.home,
        database_url=settings.database_url,
        data_key=settings.data_key.get_secret_value(),
        evidence=None if urlparse(evidence).scheme else Path(evidence),
        tracker=Path(tracker.removeprefix("sqlite:///")) if tracker.startswith("sqlite:///") else None,
    )


def backup_command(
    file: Annotated[Path | None, typer.Argument(help="写到哪里；不写就放在数据文件夹的 backups 里")] = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="连密钥一起（拿到这个文件的人就能读全部内容）")
    ] = False,
) -> None:
    """备份工单库、机器人会话、证据文件和本地数据；运行中也可以做。"""
    settings = configured()
    site, now = site_of(settings), settings.now()
    target = file or settings.home / "backups" / f"fengqiao-{now:%Y%m%d-%H%M%S}.tar.gz"
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with progress_bars() as progress:
            made = back_up(site, target, with_keys=with_keys, now=now, progress=progress)
    except DomainError as error:
        raise fail(error.detail) from error
    typer.echo(f"已备份到 {target}：工单 {made.tickets} 张，文件 {len(made.files)} 个，数据版本 {made.revision}")
    for text in left_out(site, with_keys=with_keys):
        typer.secho(text, fg="yellow")


def left_out(site: Site, *, with_keys: bool) -> list[str]:
    """What whoever restores this has to bring from elsewhere."""
    notes = [] if with_keys else ["没有包含密钥：请另外保管 FENGQIAO_DATA_KEY，没有它个人信息读不出来。"]
    if site.evidence is None:
        notes.append("证据文件在别处存放（FENGQIAO_EVIDENCE_URL），请用那里的办法备份。")
    if site.tracker is None:
        notes.append("机器人会话库是 PostgreSQL，请另外备份；丢了只是没聊完的要重新说起。")
    return notes


def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="备份文件")],
    force: Annotated[bool, typer.Option("--force", help="库里已有工单也换掉")] = False,
) -> None:
    """从备份恢复；先整份核对，再动手。请先停下服务。"""
    from api.serve import port_free

    settings = configured()
    if not port_free(settings.host, settings.port):
        raise fail(f"端口 {settings.port} 上还在运行，请先停下服务再恢复。")
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        with progress_bars() as progress:
            done = restore(site_of(settings), file, force=force, progress=progress)
    except DomainError as error:
        raise fail(error.detail) from error
    typer.echo(f"已恢复到 {done.made_at} 的样子：工单 {done.tickets} 张。可以启动了。")
