"""Several wordings without chance, and nothing the same three times in a row."""

from actions.voice import Memory, pick, speaking
from actions.wording import wordings
from tests.actions.fake_desk import FakeDesk, Talk

THREE = ["甲", "乙", "丙"]


def said(conversation: str, turns: int) -> list[str]:
    found = []
    for turn in range(turns):
        with speaking(conversation, turn):
            found.append(pick("thanks", THREE))
    return found


def test_one_conversation_hears_them_all_in_turn_and_always_the_same() -> None:
    assert set(said("web:a", 3)) == set(THREE)
    assert said("web:a", 6) == said("web:a", 6)


def test_conversations_start_differently() -> None:
    assert len({said(f"web:{number}", 1)[0] for number in range(30)}) == 3


def test_the_third_time_in_a_row_is_noticed() -> None:
    memory = Memory.at(None, "m-1")
    heard = [memory.third_time("问")]
    for number in (2, 3, 4):
        memory = Memory.at(memory.stored, f"m-{number}")
        heard.append(memory.third_time("问"))
    assert heard == [False, False, True, True]


def test_two_calls_of_one_message_are_one_turn() -> None:
    memory = Memory.at(None, "m-1")
    memory.third_time("问")
    assert Memory.at(memory.stored, "m-1").turn == 1


async def test_a_third_identical_answer_offers_a_person() -> None:
    talk = Talk(FakeDesk())
    texts = [await talk.say("你叫什么", action="action_small_talk", intent="bot_identity") for _ in range(4)]
    assert texts[0] == texts[1]
    assert len(set(texts[1:])) == 3
    assert "转人工" in talk.buttons


def test_every_list_of_wordings_has_different_ones() -> None:
    def lists(node: object) -> list[list[str]]:
        if isinstance(node, dict):
            return [found for key, value in node.items() if key not in ("buttons", "scores") for found in lists(value)]
        return [node] if isinstance(node, list) else []

    found = lists(wordings())
    assert len(found) > 15
    assert all(len(set(variants)) == len(variants) > 1 for variants in found)
