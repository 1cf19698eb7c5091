"""The command line: `fengqiao …`."""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
import uvicorn
from rich.progress import Progress, TaskID

from api import cli_audit, cli_backup, cli_channels, cli_clocks, cli_desk, cli_nlu, cli_notices, cli_reports
from api import serve as supervisor
from api.bot_world import CannotServe
from api.cli_common import configured, fail
from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database
from api.domain.deadline import LOCAL
from api.domain.errors import DomainError
from api.services.working_days import County

app = typer.Typer(help="枫桥助手：法律咨询与矛盾纠纷分流调解", no_args_is_help=True, add_completion=False)
laws = typer.Typer(help="法律条文", no_args_is_help=True)
kb = typer.Typer(help="知识库", no_args_is_help=True)
user = typer.Typer(help="工作人员账号", no_args_is_help=True)
app.add_typer(laws, name="laws")
app.add_typer(kb, name="kb")
app.add_typer(user, name="user")
app.add_typer(cli_nlu.nlu, name="nlu")
app.add_typer(cli_audit.audit, name="audit")
app.add_typer(cli_notices.notices, name="notices")
app.add_typer(cli_clocks.clocks, name="clocks")
app.command("train")(cli_nlu.train_command)
cli_desk.add_to(app)
cli_backup.add_to(app)
cli_channels.add_to(app)
cli_reports.add_to(app)

READY_SECONDS = 180


@app.command("serve")
def serve_command() -> None:
    """训练（需要时）、建库、放入示范数据，并启动机器人、应用和后台任务，直到 Ctrl-C。"""
    settings = configured()
    try:
        supervisor.check_ports(settings)
        setup_command()
        code = supervisor.serve(settings)
    except CannotServe as error:
        raise fail(str(error)) from error
    raise typer.Exit(code)


@app.command("setup")
def setup_command() -> None:
    """建立或升级数据库，补上还没有的统计数和时限；空库放入示范地区（只在 demo 环境）。"""
    from api.services import clock_history, counting, seed
    from api.services.policy_file import read_policy
    from api.services.routing import RoutingDesk
    from knowledge_base.routing.loader import load_demo_place

    settings = configured()
    DataKeys.use([settings.data_key.get_secret_value()])
    County.use(settings.home)
    migrate(settings.database_url)

    async def fill() -> None:
        database = Database(settings.database_url)
        if settings.env == "demo":
            async with database.transaction() as session:
                await seed.seed_demo(session, load_demo_place(), password=settings.demo_password.get_secret_value())
        await counting.catch_up(database)
        await clock_history.catch_up(database, RoutingDesk(read_policy()), now=settings.now())
        await database.close()

    asyncio.run(fill())


@app.command("app")
def app_command() -> None:
    """只启动应用（网页、接口、动作）。"""
    settings = configured()
    uvicorn.run(
        "api.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
    )


@app.command("worker")
def worker_command() -> None:
    """只启动后台任务。"""
    from api import worker

    asyncio.run(worker.run(configured()))


@app.command("announce")
def announce_command() -> None:
    """等到一切就绪，打印地址和示范账号，然后一直等着（由 serve 使用）。"""
    from api.services import seed
    from knowledge_base.routing.loader import load_demo_place

    settings = configured()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    base = f"http://{settings.host}:{settings.port}"
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(base):
        if time.monotonic() > deadline:
            raise fail(f"等了 {READY_SECONDS} 秒还没有就绪，请看上面的日志。")
        time.sleep(0.5)
    typer.echo(f"已就绪：{base}/chat （村民聊天）  {base}/console （工作台）")
    if settings.env == "demo":
        typer.echo(f"示范账号（密码都是 {settings.demo_password.get_secret_value()}）：")
        for username, name in seed.accounts_to_show(load_demo_place()):
            typer.echo(f"  {username:<22}{name}")
    typer.echo("按 Ctrl-C 停止。")
    signal.pause()


def is_ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@app.command("triage")
def triage_command(
    file: Annotated[Path, typer.Argument(help='每行一个 {"text": …} 的 JSONL')],
    base: Annotated[str, typer.Option(help="正在运行的枫桥助手")] = "http://127.0.0.1:8000",
) -> None:
    """逐条判断一个文件里的文字，结果按行输出为 JSON。"""
    texts = [json.loads(line)["text"] for line in file.read_text("utf8").splitlines() if line.strip()]
    with httpx.Client(base_url=base, timeout=60) as http:
        for start in range(0, len(texts), 256):
            answer = http.post("/api/v1/triage", json={"texts": texts[start : start + 256]}).raise_for_status()
            for result in answer.json()["results"]:
                typer.echo(json.dumps(result, ensure_ascii=False))


@app.command("ask")
def ask_command(text: str) -> None:
    """用知识库回答一个问题（不经过机器人）。"""
    from api.services.knowledge import open_library

    result = open_library(configured().statutes_path).ask(text, {})
    typer.echo(json.dumps(result, ensure_ascii=False, indent=2))


def pairs(given: list[str]) -> dict[str, str]:
    """key=value arguments; anything else is told."""
    wrong = [one for one in given if "=" not in one]
    if wrong:
        raise fail(f"要写成 名称=值：{'、'.join(wrong)}")
    return {key.strip(): value for key, _, value in (one.partition("=") for one in given)}


def needed(missing: list[dict[str, Any]]) -> str:
    """What still has to be given, with the choices there are."""
    return "\n".join(
        f"  {one['id']}=…  {one['question']}" + "".join(f"\n      {c['value']}：{c['label']}" for c in one["choices"])
        for one in missing
    )


@app.command("calc")
def calc_command(
    code: Annotated[str, typer.Argument(help="哪一种，如 severance；不写就列出全部")] = "",
    given: Annotated[list[str] | None, typer.Argument(help="名称=值，如 worked=38 monthly_wage=4500")] = None,
) -> None:
    """算补偿、加班费、诉讼费、利息、期限等，列出公式和依据。"""
    from api.services.calculating import open_calculators
    from knowledge_base.statutes.catalogue import load_catalogue

    settings = configured()
    desk = open_calculators(load_catalogue(), settings.home)
    if not code:
        typer.echo("\n".join(f"{one['code']:<18}{one['title']}" for one in desk.listing()))
        return
    try:
        answer = desk.calculate(code, pairs(given or []), today=settings.now().astimezone(LOCAL).date())
    except DomainError as error:
        raise fail(error.detail) from error
    if answer["result"] is None:
        raise fail(f"还缺：\n{needed(answer['missing'])}")
    typer.echo(answer["result"]["text"])


@app.command("paper")
def paper_command(
    code: Annotated[str, typer.Argument(help="哪一种，如 iou；不写就列出全部")] = "",
    given: Annotated[list[str] | None, typer.Argument(help="名称=值，如 lender=… amount=30000")] = None,
    out: Annotated[Path | None, typer.Option(help="存成哪个 docx 文件")] = None,
) -> None:
    """写一份文书草稿（docx），没给的空都标出来。"""
    from api.services.papers import open_papers
    from knowledge_base.statutes.catalogue import load_catalogue

    settings = configured()
    today = settings.now().astimezone(LOCAL).date()
    desk = open_papers(load_catalogue(), secret="", hours=settings.paper_link_hours, today=today)
    if not code:
        typer.echo("\n".join(f"{one['code']:<24}{one['title']}" for one in desk.listing()))
        return
    try:
        read, draft = desk.read(code, pairs(given or [])), desk.render(code, pairs(given or []))
    except DomainError as error:
        raise fail(error.detail) from error
    path = out or Path(f"{draft.title}.docx")
    path.write_bytes(draft.content)
    typer.echo(f"{read['read_back']}\n已写到 {path}")
    if read["missing"]:
        typer.echo(f"建议补上：\n{needed(read['missing'])}")


@laws.command("import")
def laws_import(path: Annotated[Path, typer.Argument(exists=True, help="JSONL 文件或 Markdown 文件夹")]) -> None:
    """导入法律条文；坏文件列出来，其余照常导入。"""
    from api.services.knowledge import import_statutes

    settings = configured()
    with Progress() as bars:
        tasks: dict[str, TaskID] = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        report = import_statutes(path, settings.statutes_path, on=settings.now().date(), progress=progress)
    typer.echo(report)


@kb.command("check")
def kb_check() -> None:
    """检查全部知识条目和引用，打印报告。"""
    from api.services.knowledge import TOPICS, destinations, imported_ids
    from knowledge_base import check
    from knowledge_base.statutes.catalogue import load_catalogue

    catalogue, ids = load_catalogue(), imported_ids(configured().statutes_path)
    text, good = check.report(TOPICS, catalogue, article_ids=ids, destinations=destinations(catalogue))
    typer.echo(text)
    if not good:
        raise typer.Exit(1)


@user.command("add")
def user_add(
    username: str,
    organisation: Annotated[str, typer.Option(help="机构编号")],
    role: Annotated[str, typer.Option(help="角色代码")],
    name: Annotated[str, typer.Option(help="显示的称呼")],
    password: Annotated[str, typer.Option(prompt="密码", hide_input=True, confirmation_prompt=True)],
) -> None:
    """新增一个工作人员账号。"""
    from api.services import accounts

    settings = configured()
    DataKeys.use([settings.data_key.get_secret_value()])

    async def add() -> None:
        database = Database(settings.database_url)
        async with database.transaction() as session:
            await accounts.add(
                session, username=username, password=password, name=name, role=role, organisation=organisation
            )
        await database.close()

    asyncio.run(add())
    typer.echo(f"已新增 {username}")


if __name__ == "__main__":
    app()
