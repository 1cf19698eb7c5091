"""The command line: `fengqiao …`."""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
import uvicorn
from rich.progress import Progress, TaskID

from api import cli_desk
from api import serve as supervisor
from api.cli_common import configured, fail
from api.db.base import DataKeys
from api.db.migrate import migrate
from api.db.session import Database

app = typer.Typer(help="枫桥助手：法律咨询与矛盾纠纷分流调解", no_args_is_help=True, add_completion=False)
laws = typer.Typer(help="法律条文", no_args_is_help=True)
kb = typer.Typer(help="知识库", no_args_is_help=True)
user = typer.Typer(help="工作人员账号", no_args_is_help=True)
app.add_typer(laws, name="laws")
app.add_typer(kb, name="kb")
app.add_typer(user, name="user")
cli_desk.add_to(app)

READY_SECONDS = 180


@app.command("serve")
def serve_command() -> None:
    """训练（需要时）、建库、放入示范数据，并启动机器人、应用和后台任务，直到 Ctrl-C。"""
    settings = configured()
    try:
        supervisor.check_ports(settings)
        setup_command()
        code = supervisor.serve(settings)
    except supervisor.CannotServe as error:
        raise fail(str(error)) from error
    raise typer.Exit(code)


@app.command("setup")
def setup_command() -> None:
    """建立或升级数据库；空库放入示范地区（只在 demo 环境）。"""
    from api.services import seed
    from knowledge_base.routing.loader import load_demo_place

    settings = configured()
    DataKeys.use([settings.data_key.get_secret_value()])
    migrate(settings.database_url)

    async def fill() -> None:
        database = Database(settings.database_url)
        async with database.transaction() as session:
            await seed.seed_demo(session, load_demo_place(), password=settings.demo_password.get_secret_value())
        await database.close()

    if settings.env == "demo":
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


@app.command("train")
def train_command() -> None:
    """按现在的 bot/ 和 nlu_data/ 训练机器人；没有变化就不再训练。"""
    try:
        typer.echo(str(supervisor.ensure_model(configured())))
    except supervisor.CannotServe as error:
        raise fail(str(error)) from error


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
    from api.services.knowledge import TOPICS, imported_ids
    from knowledge_base import check
    from knowledge_base.statutes.catalogue import load_catalogue

    text, good = check.report(TOPICS, load_catalogue(), article_ids=imported_ids(configured().statutes_path))
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
