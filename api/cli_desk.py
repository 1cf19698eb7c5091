"""Commands of the dispute desk: the directory, the policy, and cases from elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.cli_common import fail, in_database, progress_bars, with_database
from api.domain.errors import DomainError
from api.domain.organisation import Place
from api.settings import Settings

if TYPE_CHECKING:
    from api.db.tables.desk import PlaceRow
    from api.services.place_tree import Change

    Act = Callable[[AsyncSession, Change], Awaitable[PlaceRow]]

orgs = typer.Typer(help="地点、组织、成员名录", no_args_is_help=True)
places = typer.Typer(help="镇、村、组的区划和沿革", no_args_is_help=True)

routing = typer.Typer(help="分流政策", no_args_is_help=True)
cases = typer.Typer(help="别处转来的案件", no_args_is_help=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx，或 UTF-8、GBK 的 CSV")]
MOST_SHOWN = 200


def add_to(app: typer.Typer) -> None:
    app.add_typer(routing, name="routing")
    app.add_typer(cases, name="cases")
    app.add_typer(orgs, name="orgs")
    app.add_typer(places, name="places")


def show_errors(errors: list[str]) -> None:
    for line in errors[:MOST_SHOWN]:
        typer.secho(line, fg="yellow", err=True)
    if len(errors) > MOST_SHOWN:
        typer.secho(f"……还有 {len(errors) - MOST_SHOWN} 条", fg="yellow", err=True)


@orgs.command("import")
def orgs_import(file: File, dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不保存")] = False) -> None:
    """导入地点、组织、成员；好的行照常进，坏的行列出来。再导一次没有变化。"""
    from api.services.directory_import import ImportReport, import_directory
    from api.services.directory_rules import directory_rules

    with progress_bars() as progress:

        async def work(session: AsyncSession, _settings: Settings) -> ImportReport:
            content = file.read_bytes()
            return await import_directory(session, directory_rules(), content, dry_run=dry_run, progress=progress)

        try:
            report = in_database(work)
        except DomainError as error:
            raise fail(error.detail) from error
    show_errors([str(one) for one in report.errors])
    typer.echo(report.text)


@orgs.command("export")
def orgs_export(
    file: Annotated[Path, typer.Argument(help="写到哪里；.xlsx 三张表，.csv 一张表")],
    sheet: Annotated[str, typer.Option(help="CSV 时：places、organisations 或 members")] = "organisations",
) -> None:
    """导出名录；导出的文件可以原样再导入。"""
    from api.services.directory_export import as_file
    from api.services.directory_rules import directory_rules

    async def work(session: AsyncSession, _settings: Settings) -> bytes:
        kind = "csv" if file.suffix.lower() == ".csv" else "xlsx"
        return await as_file(session, directory_rules(), kind=kind, sheet=sheet)

    try:
        file.write_bytes(in_database(work, write=False))
    except (DomainError, OSError) as error:
        raise fail(getattr(error, "detail", str(error))) from error
    typer.echo(f"已导出到 {file}")


@orgs.command("template")
def orgs_template(file: Annotated[Path, typer.Argument(help="写到哪里（.xlsx）")]) -> None:
    """写出导入模板，附每一列的说明。"""
    from api.services.directory_export import template_file
    from api.services.directory_rules import directory_rules

    file.write_bytes(template_file(directory_rules()))
    typer.echo(f"已写出模板 {file}")


@orgs.command("gaps")
def orgs_gaps() -> None:
    """列出每个人民调解委员会还缺什么。"""
    from api.domain.deadline import LOCAL
    from api.services import directory
    from api.services.directory_rules import directory_rules

    async def work(session: AsyncSession, settings: Settings) -> list[str]:
        today = settings.now().astimezone(LOCAL).date()
        found = await directory.committees(session, directory_rules(), today)
        return [f"{row.name}：{'；'.join(one.text for one in gaps) or '齐全'}" for row, _, gaps in found]

    for line in in_database(work, write=False):
        typer.echo(line)


@places.command("list")
def places_list(
    town: Annotated[str, typer.Option(help="只看这个镇")] = "",
    former: Annotated[bool, typer.Option("--former", help="连同已改名、合并的")] = False,
) -> None:
    """列出区划：编号、名称、人口、户数。"""
    from api.db import places as store
    from api.db.organisations import place_of

    async def work(session: AsyncSession, _settings: Settings) -> list[str]:
        rows = await store.tree(session, Place(town=town), former=former)
        return [
            f"{row.id:>7}  {place_of(row)}  {row.population or '-'}人 {row.households or '-'}户"
            f"{'' if row.active else '（不再使用）'}"
            for row in rows
        ]

    for line in in_database(work, write=False):
        typer.echo(line)


On = Annotated[str, typer.Option(help="生效日期，例如 2026-11-20；不写就是今天")]
Note = Annotated[str, typer.Option(help="依据或说明")]


@places.command("rename")
def places_rename(id: int, name: str, on: On = "", note: Note = "") -> None:
    """改名；旧工单保留旧名。"""
    from api.services import place_tree

    change_places(lambda session, change: place_tree.rename(session, id, name, change), on, note)


@places.command("merge")
def places_merge(
    ids: list[int],
    name: Annotated[str, typer.Option(help="合并后的名称")],
    group: Annotated[list[str] | None, typer.Option(help="重名的组改叫什么：编号=新名，可以写多次")] = None,
    on: On = "",
    note: Note = "",
) -> None:
    """把同一个镇的几个村合成一个；里面的组重名的，用 --group 给新名称。"""
    from api.services import place_tree

    pairs = [one.partition("=") for one in group or ()]
    if wrong := [id for id, _, new in pairs if not id.isdecimal() or not new]:
        raise fail(f"--group 写成 编号=新名：{'、'.join(wrong)}")
    groups = {int(id): new for id, _, new in pairs}
    change_places(lambda session, change: place_tree.merge(session, ids, name, change, groups=groups), on, note)


@places.command("move")
def places_move(id: int, to: int, on: On = "", note: Note = "") -> None:
    """把一个组移到别的村（或把村移到别的镇），都用编号。"""
    from api.services import place_tree

    change_places(lambda session, change: place_tree.move(session, id, to, change), on, note)


def change_places(act: "Act", on: str, note: str) -> None:
    from api.db.organisations import place_of
    from api.domain.deadline import LOCAL
    from api.services.place_tree import Change

    async def work(session: AsyncSession, settings: Settings) -> Place:
        now = settings.now()
        day = date.fromisoformat(on) if on else now.astimezone(LOCAL).date()
        return place_of(await act(session, Change(day, now, "cli", note)))

    try:
        typer.echo(f"现在是：{in_database(work)}")
    except ValueError as error:
        raise fail("日期写成 2026-11-20 这样") from error
    except DomainError as error:
        raise fail(error.detail) from error


@routing.command("simulate")
def routing_simulate(
    file: File,
    policy: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="拟用的政策文件夹；不写就用现行的")
    ] = None,
) -> None:
    """拿一批案件试分流：各组织、各层级接多少，和现行政策比有哪些变化。什么都不保存。"""
    from api.services.directory_rules import directory_rules
    from api.services.policy_file import read_policy
    from api.services.routing import RoutingDesk
    from api.services.simulation import Simulation, simulate
    from knowledge_base.routing.loader import RoutingError

    try:
        current, proposed = read_policy(), read_policy(policy) if policy else None
    except RoutingError as error:
        raise fail(f"政策有问题：\n{error}") from error

    with progress_bars() as progress:

        async def work(session: AsyncSession, settings: Settings) -> Simulation:
            directory = await RoutingDesk(current).directory(session)
            return simulate(
                file.read_bytes(),
                directory_rules(),
                directory,
                current,
                at=settings.now(),
                proposed=proposed,
                progress=lambda done, total: progress("试分流", done, total),
            )

        try:
            result = in_database(work, write=False)
        except DomainError as error:
            raise fail(error.detail) from error
    show_errors([str(one) for one in result.errors])
    versions = f"{current.version} → {proposed.version}" if proposed else current.version
    typer.echo(f"政策 {versions}；分流 {result.cases} 件，坏行 {len({one.row for one in result.errors})} 行")
    for title, counted in (("层级", result.tiers), ("组织", result.load)):
        typer.echo(f"— 按{title} —")
        for name, number in counted.most_common():
            waiting = f"（其中 {result.waiting[name]} 件排队）" if title == "组织" and result.waiting[name] else ""
            typer.echo(f"{number:>7}  {name}{waiting}")
    if proposed:
        typer.echo(f"— 变化 {len(result.moved)} 件 —")
        for one in result.moved[:MOST_SHOWN]:
            typer.echo(f"第{one.row}行  {one.before} → {one.after}")


@routing.command("check")
def routing_check(
    policy: Annotated[
        Path | None, typer.Argument(exists=True, file_okay=False, help="政策文件夹；不写就查现行的")
    ] = None,
) -> None:
    """检查政策文件，列出全部问题，或打印版本号。"""
    from api.services.policy_file import read_policy
    from knowledge_base.routing.loader import HERE, RoutingError

    try:
        typer.echo(f"没有问题，版本 {read_policy(policy or HERE).version}")
    except RoutingError as error:
        raise fail(str(error)) from error


@cases.command("import")
def cases_import(file: File, mapping: Annotated[str, typer.Option(help="对照表名称，例如 12345、12348")]) -> None:
    """导入 12345、12348 等平台的案件；来源编号相同的只登记一次，坏行列出来。"""
    from api.db.session import Database
    from api.domain.safety import SafetyGate
    from api.services.case_import import CaseReport, import_cases
    from api.services.directory_rules import directory_rules
    from api.services.policy_file import read_policy
    from api.services.routing import RoutingDesk
    from knowledge_base import safety
    from knowledge_base.directory.loader import load_mapping, mapping_names

    if mapping not in mapping_names():
        raise fail(f"没有这个对照表：{mapping}；现有：{'、'.join(mapping_names())}")
    with progress_bars() as progress:

        async def work(database: Database, settings: Settings) -> CaseReport:
            return await import_cases(
                database,
                RoutingDesk(read_policy()),
                SafetyGate(safety.load_rules()),
                directory_rules(),
                file.read_bytes(),
                load_mapping(mapping),
                at=settings.now(),
                progress=progress,
            )

        try:
            report = with_database(work)
        except DomainError as error:
            raise fail(error.detail) from error
    show_errors([str(one) for one in (*report.errors, *report.referred)])
    typer.echo(report.text)


@cases.command("export")
def cases_export(
    form: Annotated[str, typer.Argument(help="表的名称：province、register、court……")],
    period: Annotated[str, typer.Argument(help="2026-10、2026-Q4、2026……")],
    out: Annotated[Path, typer.Option(help="写到哪里：.xlsx 或 .csv")],
) -> None:
    """按省平台、法院的表导出工单，一次录入，不用再抄；列名和代码在 knowledge_base/desk/forms/。"""
    from api.domain.access import Viewer
    from api.domain.period import Period
    from api.services import ticket_export

    kind = out.suffix.lstrip(".").lower()
    if kind not in ("xlsx", "csv"):
        raise fail("--out 要以 .xlsx 或 .csv 结尾")
    with progress_bars() as progress:

        async def work(session: AsyncSession, _settings: Settings) -> bytes:
            viewer, when = Viewer.tool("命令行"), Period.parse(period)
            return await ticket_export.export(session, form, when, kind=kind, visible_to=viewer, progress=progress)

        try:
            out.write_bytes(in_database(work, write=False))
        except (DomainError, OSError) as error:
            raise fail(getattr(error, "detail", str(error))) from error
    typer.echo(f"已导出到 {out}")
