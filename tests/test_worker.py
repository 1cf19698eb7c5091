"""The rounds of the worker: each at its own pace, none of them ended by a failure."""

import asyncio
import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from api import worker
from api.settings import Settings


async def test_a_failed_round_is_told_and_the_next_one_tries_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ROUND_SECONDS", 0.001)
    stop, done = asyncio.Event(), []

    async def work() -> int:
        done.append(len(done))
        if len(done) == 1:
            raise RuntimeError("database is away")
        if len(done) == 3:
            stop.set()
        return 0

    with caplog.at_level(logging.ERROR):
        await asyncio.wait_for(worker.rounds("notices", stop, work), timeout=5)
    assert done == [0, 1, 2]
    assert "notices" in caplog.text


async def test_a_slow_round_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "ROUND_SECONDS", 0.001)
    stop, answers = asyncio.Event(), []

    async def slow() -> int:
        await stop.wait()
        return 1

    async def quick() -> int:
        answers.append(1)
        if len(answers) == 5:
            stop.set()
        return 0

    both = asyncio.gather(worker.rounds("notices", stop, slow), worker.rounds("answers", stop, quick))
    await asyncio.wait_for(both, timeout=5)
    assert len(answers) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"wecom_webhooks": {"青石镇司法所": "qyapi"}},
        {"sms_url": "sms.example.org"},
        {"sms_good": "("},
        {"webhooks": {"省平台": {"url": "https://x.test", "secret": "0123456789abcdef"}}},
        {"webhooks": {"province": {"url": "https://x.test", "secret": "short"}}},
        {"webhooks": {"province": {"url": "x.test", "secret": "0123456789abcdef"}}},
    ],
    ids=["group", "sms address", "sms answer", "name", "secret", "address"],
)
def test_receivers_that_cannot_work_are_refused_at_the_start(wrong: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, home=tmp_path, **wrong)  # type: ignore[arg-type]
