"""The bench must count right: a failed answer is never a fast one, and both sides hold the whole dialogue."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from knowledge_base.wording import load_wording
from tests.load import stock
from tests.load.drive import Answer, Run, crowd, load, problem_of, to_rest_channel, turns
from tests.load.tables import percentile, ratio


class Silent(BaseHTTPRequestHandler):
    """A bot that answers 200 with nothing, as Rasa does when its actions are down."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def silent_bot() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_empty_answers_are_failures(silent_bot: str) -> None:
    run = crowd(silent_bot, to_rest_channel, clients=2, messages=7)
    assert len(run.answers) == 14
    assert len(run.failures) == 14


def test_our_own_excuse_is_a_failure() -> None:
    assert problem_of(load_wording()["turn_failed"], "你好") == "turn_failed on '你好'"
    assert problem_of("您好，我是小枫。", "你好") is None


def test_a_step_is_repeated_until_its_answer_comes() -> None:
    told: list[str] = []

    def say(text: str) -> Answer:
        told.append(text)
        return Answer("请您看看，对的话说“确认提交”" if len(told) == 3 else "记下了", 0.01)

    dialogue = {"steps": ["我要调解", {"say": "/skip", "until": "确认提交", "at_most": 6}, "确认提交"]}
    assert len(list(turns(dialogue, say))) == 4
    assert told == ["我要调解", "/skip", "/skip", "确认提交"]


def test_runs_add_up() -> None:
    answered, failed = Answer("已经登记，工单号 T-20260101-0001", 0.1), Answer("", 0.2, "empty answer")
    both = Run([answered], 1.0) + Run([failed], 3.0)
    assert (both.rate, both.tickets, both.failures) == (0.5, 1, ["empty answer"])


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20)])
def test_percentiles_are_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(20, 0, -1)], share) == expected


def test_ratios_are_ours_over_theirs() -> None:
    assert ratio(0.2, 1.6) == "0.125×"
    assert ratio(0.2, None) == "—"


def test_categories_become_retrieval_intents() -> None:
    block = {"intent": "dispute", "metadata": {"category": "labor", "subcategory": "wages"}, "examples": "- 欠薪"}
    assert stock.labelled(block) == {"intent": "dispute/labor", "examples": "- 欠薪"}
    assert stock.labelled({"intent": "greet", "examples": "- 你好"}) == {"intent": "greet", "examples": "- 你好"}


def test_there_are_dialogues_that_end_in_a_ticket() -> None:
    dialogues = load()["dialogues"]
    assert len(dialogues) == 12
    assert sum("确认提交" in dialogue["steps"] for dialogue in dialogues) == 3
