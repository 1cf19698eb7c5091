"""What may be said at any point of an application without being its answer: the way to go on, and questions."""

from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_text
from actions.cues import heard, without
from actions.desk import Desk
from actions.draft import Draft
from actions.intake_answers import MIN_STORY
from actions.intake_steps import anonymous_wished
from actions.progress import tell_status
from actions.task import KIND_OF_ACT
from actions.turn import Turn
from actions.wording import say

SURE_QUESTION = 0.5
SMALL_TALK = {"help", "bot_identity", "privacy", "thanks", "abuse"}
OTHER_BUSINESS = {"claim", "change_mediator", "disagree", "withdraw", "start_intake"}


def steered(draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
    """One step back, all the rest left open, or no name given: said at any time."""
    if turn.payload or len(turn.text) > 25:
        return False
    if heard("back", turn.text):
        key = "intake.went_back" if draft.back() else "intake.at_the_start"
        dispatcher.utter_message(text=say(key))
    elif draft.story is not None and draft.step != "confirmation" and heard("enough", turn.text):
        draft.skip_rest()
        dispatcher.utter_message(text=say("intake.rest_skipped"))
    elif anonymous_wished(draft, turn):
        draft.contact = {}
        dispatcher.utter_message(text=say("intake.anonymous_ok"))
    else:
        return False
    return True


async def digressed(desk: Desk, draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
    """A question in the middle is answered; the form then goes on where it was."""
    if turn.intent in SMALL_TALK and turn.confidence >= SURE_QUESTION:
        dispatcher.utter_message(text=say(turn.intent))
        return True
    if turn.intent == "ticket_status" and turn.confidence >= SURE_QUESTION:
        await tell_status(desk, turn, dispatcher)
        return True
    other = turn.intent in OTHER_BUSINESS and turn.confidence >= SURE_QUESTION and not turn.payload
    if other and draft.step != "story":
        dispatcher.utter_message(text=say("intake.one_thing_first"))
        return True
    asks = turn.intent in ("consultation", *KIND_OF_ACT) and turn.confidence >= SURE_QUESTION
    if not asks or draft.step in ("story", "kind"):
        return False
    result = await desk.ask(turn.text, turn.parse)
    if result["answer"]:
        dispatcher.utter_message(text=answer_text(result["answer"], result["citations"]))
    return bool(result["answer"])


def supplemented(draft: Draft, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
    """我要补充：… goes behind the story."""
    if turn.intent != "supplement" or draft.story is None:
        return False
    more = without("supplement", turn.said)
    draft.story += f"。{more}" if len(more) >= MIN_STORY else ""
    dispatcher.utter_message(text=say("intake.added" if len(more) >= MIN_STORY else "intake.add_any_time"))
    return True
