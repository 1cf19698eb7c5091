"""Commands of the channels: the WeChat menu, and a fake WeChat to try the bridge without an account."""

import asyncio
import sys
from typing import Annotated

import typer
import uvicorn

from api.bot_world import ROOT
from api.channels.wechat.texts import load_texts
from api.cli_common import configured, fail
from api.clients.wechat import WeChatSender
from api.domain.errors import DomainError

wechat = typer.Typer(help="微信公众号", no_args_is_help=True)
dev = typer.Typer(help="开发时用", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(wechat, name="wechat")
    app.add_typer(dev, name="dev")


@wechat.command("menu")
def menu_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示，不上传")] = False,
) -> None:
    """把 api/channels/wechat/texts.yml 里的菜单传到公众号。"""
    buttons = load_texts().menu_buttons
    for button in buttons:
        typer.echo(button["name"] + "：" + " / ".join(one["name"] for one in button.get("sub_button", ())))
    if dry_run:
        return

    async def upload() -> None:
        async with WeChatSender.opened(configured()) as sender:
            if sender is None:
                raise fail("要先设 FENGQIAO_WECHAT_APP_ID 和 FENGQIAO_WECHAT_APP_SECRET。")
            await sender.set_menu(buttons)

    try:
        asyncio.run(upload())
    except DomainError as error:
        raise fail(error.detail) from error
    typer.echo("菜单已上传，手机上最多一天内生效。")


@dev.command("wechat")
def wechat_command(
    port: Annotated[int, typer.Option(help="假微信的端口")] = 8090,
    verified: Annotated[bool, typer.Option("--verified", help="当作已认证的号，可以主动发消息")] = False,
) -> None:
    """起一个假的微信服务器：会签名、加密、5 秒重发、限额，打开网页就能和公众号聊天。"""
    settings = configured()
    if settings.wechat_token is None or (settings.wechat_mode != "plain" and settings.wechat_aes_key is None):
        raise fail(
            "先给应用设好微信（随便编的就行），再启动它：\n"
            "  FENGQIAO_WECHAT_TOKEN=trytoken FENGQIAO_WECHAT_APP_ID=wxtry FENGQIAO_WECHAT_APP_SECRET=trysecret\n"
            "  FENGQIAO_WECHAT_AES_KEY=（43 位字母数字）"
            f" FENGQIAO_WECHAT_API_BASE=http://127.0.0.1:{port}"
        )
    if not (ROOT / "tests" / "fakes" / "wechat.py").exists():
        raise fail("假微信随测试一起放在 tests/fakes，这份安装里没有。")
    sys.path.insert(0, str(ROOT))
    from tests.fakes.wechat_page import page_app

    keys = settings.wechat_aes_key.get_secret_value() if settings.wechat_aes_key else ""
    app = page_app(
        callback=f"http://{settings.host}:{settings.port}/wechat",
        token=settings.wechat_token.get_secret_value(),
        aes_key=keys.split(",")[0].strip(),
        app_id=settings.wechat_app_id,
        mode=settings.wechat_mode.value,
        verified=verified,
        address=f"http://127.0.0.1:{port}",
    )
    typer.echo(f"假微信：http://127.0.0.1:{port}/ （Ctrl-C 停止）")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
