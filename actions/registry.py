"""All actions in one executor, each given the desk it works with."""

from rasa_sdk.executor import ActionExecutor

from actions.answers import ActionAffirm, ActionAnswer, ActionFollowUp, ActionShowEntry
from actions.company import Company
from actions.desk import Desk
from actions.erasure import Erasing
from actions.handoff import ActionComplaint, ActionFallback, ActionHandoff
from actions.intake import ValidateIntakeForm
from actions.intake_finish import ActionFinishIntake
from actions.matters import ActionNextMatter
from actions.note_form import ActionFinishNote, ActionStartNote, ValidateNoteForm
from actions.progress import ActionTicketStatus
from actions.small_talk import ActionSmallTalk
from actions.spoken import Spoken
from actions.taking_up import TakingUp
from actions.task_form import ActionFinishTask, ActionStartTask, ValidateTaskForm
from actions.withdrawal import ActionWithdraw, Withdrawing

OF_A_TURN = (
    ActionAnswer,
    ActionShowEntry,
    ActionFollowUp,
    ActionHandoff,
    ActionComplaint,
    ActionFallback,
    ActionTicketStatus,
    ActionWithdraw,
    ActionStartTask,
    ActionNextMatter,
    ActionStartNote,
    ActionAffirm,
    ActionSmallTalk,
)
OF_A_FORM = (
    ValidateIntakeForm,
    ActionFinishIntake,
    ValidateTaskForm,
    ActionFinishTask,
    ValidateNoteForm,
    ActionFinishNote,
)


def build_executor(desk: Desk) -> ActionExecutor:
    executor = ActionExecutor()
    for action in OF_A_TURN:
        turn = Withdrawing(TakingUp(Company(action(desk), desk), desk), desk)
        executor.register_action(Spoken(Erasing(turn, desk)))
    for action in OF_A_FORM:
        executor.register_action(Spoken(Erasing(Withdrawing(Company(action(desk), desk), desk), desk)))
    return executor
