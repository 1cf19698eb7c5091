"""The desk wrote last: what the person now says is for the desk, and goes onto the ticket it wrote about."""

from rasa_sdk.executor import CollectingDispatcher

from actions.desk import Desk, DeskError
from actions.turn import Turn
from actions.wording import say


async def answered_desk(desk: Desk, turn: Turn, dispatcher: CollectingDispatcher) -> bool:
    """True when the message answered a line of the desk and was put on its ticket."""
    if not turn.desk_ticket:
        return False
    try:
        await desk.add(turn.desk_ticket, turn, say("desk_line.note", said=turn.spoken))
    except DeskError:
        return False
    dispatcher.utter_message(text=say("desk_line.passed_on", no=turn.desk_ticket))
    return True
