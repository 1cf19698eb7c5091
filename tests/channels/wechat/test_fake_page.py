"""The fake WeChat a person can chat with (`fengqiao dev wechat`)."""

import httpx
import pytest
from typer.testing import CliRunner

from api import cli
from tests.fakes.wechat import ATTEMPTS, OUT_OF_SERVICE
from tests.fakes.wechat_page import page_app
from tests.system import free_port

KEY = "ZGVtb2tleWZvcnZpbGxhZ2Vib3QyMDI2MTEyMWFiY2Q"


async def test_an_account_that_is_not_there_is_out_of_service_after_three_tries() -> None:
    callback = f"http://127.0.0.1:{free_port()}/wechat"
    app = page_app(
        callback=callback, token="t0ken", aes_key=KEY, app_id="wx", mode="safe", verified=False, address="http://fake"
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://fake") as person,
    ):
        assert "假微信" in (await person.get("/")).text
        done = (await person.post("/act", json={"openid": "o1", "text": "在吗"})).json()
        assert [one["status"] for one in done["attempts"]] == [None] * ATTEMPTS
        assert (await person.get("/seen/o1")).json() == [OUT_OF_SERVICE]
        sent = (await person.post("/photo/o1", content=b"jpeg")).json()
        assert [one["status"] for one in sent["attempts"]] == [None] * ATTEMPTS
        token = (await person.post("/cgi-bin/stable_token", json={})).json()["access_token"]
        params = {"access_token": token}
        await person.post("/cgi-bin/menu/create", params=params, json={"button": [{"name": "我要问"}]})
        assert (await person.get("/menu")).json() == [{"name": "我要问"}]


def test_without_an_account_the_command_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FENGQIAO_WECHAT_TOKEN", raising=False)
    done = CliRunner().invoke(cli.app, ["dev", "wechat"])
    assert done.exit_code == 1
    assert "FENGQIAO_WECHAT_TOKEN" in done.output


def test_the_menu_can_be_looked_at_without_an_account() -> None:
    done = CliRunner().invoke(cli.app, ["wechat", "menu", "--dry-run"])
    assert done.exit_code == 0
    assert "紧急求助" in done.output
