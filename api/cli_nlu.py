"""`fengqiao train` and `fengqiao nlu …`: training with a gate, the report, going back."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.bot_world import CannotServe
from api.cli_common import configured, fail
from api.db.base import DataKeys
from api.db.session import Database
from api.models import NothingToRollBack, Registry, TrainingFailed, ensure_model, reviewed_path, workshop

nlu = typer.Typer(help="机器人的理解：报告、退回", no_args_is_help=True)


def train_command(
    force: Annotated[bool, typer.Option("--force", help="比现役的差也换上")] = False,
) -> None:
    """按现在的 bot/、nlu_data/ 和复核过的句子训练；没有变化就不训练，比现役的差就不换。"""
    try:
        typer.echo(str(ensure_model(configured(), force=force, say=typer.echo)))
    except CannotServe as error:
        raise fail(str(error)) from error


@nlu.command("report")
def report_command(
    out: Annotated[Path, typer.Option(help="写到哪个 HTML 文件")] = Path("nlu-report.html"),
) -> None:
    """现役模型在冻结测试句上的成绩：按行为、类目、说法，附混淆表和图。"""
    from api.services.nlu_report import render

    settings = configured()
    registry = Registry.load(settings.home / "models")
    if registry.live is None:
        raise fail("还没有模型，请先运行 fengqiao train。")
    bench = workshop(settings)
    try:
        lines = bench.read(bench.folder / registry.live)
    except TrainingFailed as error:
        raise fail(str(error)) from error
    out.write_text(render(lines, registry.live, datetime.now(ZoneInfo("Asia/Shanghai"))), encoding="utf-8")
    typer.echo(f"报告写在 {out}")


@nlu.command("export")
def export_command() -> None:
    """把复核队列里标好的句子写成训练文件，下次 train 会用上。"""
    from api.services.review import export

    settings = configured()

    async def write() -> int:
        database = Database(settings.database_url)
        async with database.reading() as session:
            count = await export(session, reviewed_path(settings))
        await database.close()
        return count

    DataKeys.use([settings.data_key.get_secret_value()])
    typer.echo(f"写出 {asyncio.run(write())} 句，下次 fengqiao train 会用上。")


@nlu.command("duplicates")
def duplicates_command(
    most: Annotated[int, typer.Option(help="最多列出多少对")] = 50,
) -> None:
    """训练例句里只换了数目、地名、称呼或几个字的句子：越少越好，它们不算新说法。"""
    from api.services.training_sentences import twins

    found, all_of_them = twins()
    for pair in found[:most]:
        typer.echo(f"{pair.alike:.2f}  {pair.one} ｜ {pair.other}")
    typer.echo(f"{all_of_them} 句里有 {len(found)} 句和前面的雷同（{len(found) / all_of_them:.1%}）。")


@nlu.command("label")
def label_command(
    reviewer: Annotated[str, typer.Option("--by", help="谁在复核，记在这一句上")],
    most: Annotated[int, typer.Option(help="这次最多看几句")] = 20,
) -> None:
    """逐句复核机器人没把握的话：输类目（如 labor.unpaid_wages）、序号、d 不收、回车跳过、q 结束。"""
    from api.services.policy_file import read_policy
    from api.services.review import review_queue
    from api.services.review_desk import Desk

    settings = configured()
    DataKeys.use([settings.data_key.get_secret_value()])
    queue = review_queue(read_policy(), settings.secret_key.get_secret_value())
    desk = Desk(queue, ask=lambda text: typer.prompt(text, default="", show_default=False), say=typer.echo)

    async def work() -> int:
        database = Database(settings.database_url)
        try:
            return await desk.work(database, by=reviewer, most=most, now=settings.now)
        finally:
            await database.close()

    typer.echo(f"这次定了 {asyncio.run(work())} 句。")


@nlu.command("rollback")
def rollback_command() -> None:
    """退回上一个模型；重启后生效。"""
    folder = configured().home / "models"
    registry = Registry.load(folder)
    left = registry.live
    try:
        back = registry.roll_back(folder)
    except NothingToRollBack as error:
        raise fail(str(error)) from error
    if left:
        registry.refused[left.removesuffix(".tar.gz")] = ["人工退回"]
    registry.save(folder)
    typer.echo(f"已退回 {back}，重启后生效。要再换上去，运行 fengqiao train --force。")
