"""All actions in one executor, each given the desk it works with."""

from rasa_sdk.executor import ActionExecutor

from actions.answers import ActionAffirm, ActionAnswer, ActionFollowUp, ActionShowEntry
from actions.desk import Desk
from actions.handoff import ActionComplaint, ActionFallback, ActionHandoff
from actions.intake import ActionFinishIntake, ValidateIntakeForm
from actions.progress import ActionTicketStatus, ActionWithdraw
from actions.small_talk import ActionSmallTalk
from actions.task_form import ActionFinishTask, ActionStartTask, ValidateTaskForm

WITH_DESK = (
    ActionAnswer,
    ActionShowEntry,
    ActionFollowUp,
    ActionHandoff,
    ActionComplaint,
    ActionFallback,
    ActionTicketStatus,
    ActionWithdraw,
    ValidateIntakeForm,
    ActionFinishIntake,
    ActionStartTask,
    ValidateTaskForm,
    ActionFinishTask,
)


def build_executor(desk: Desk) -> ActionExecutor:
    executor = ActionExecutor()
    for action in WITH_DESK:
        executor.register_action(action(desk))
    for plain in (ActionAffirm, ActionSmallTalk):
        executor.register_action(plain())
    return executor
