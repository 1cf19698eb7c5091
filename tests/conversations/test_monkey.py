"""A short walk of the monkey; ten thousand turns are `python -m tests.load.monkey`."""

import pytest

from tests.conversations.monkey import Monkey, lines
from tests.system import System

TURNS = 300


@pytest.mark.rasa
def test_whatever_is_said_there_is_a_fit_answer(system: System) -> None:
    with system.client() as client:
        monkey = Monkey(client, seed=20261129)
        assert list(monkey.talk(TURNS))[-1] == TURNS
    assert not monkey.problems, "\n\n".join(monkey.problems[:3])


def test_the_monkey_has_much_to_say() -> None:
    assert len(lines()) > 150
