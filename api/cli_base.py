"""What every command needs: the settings, and how it fails."""

import typer
from pydantic import ValidationError

from api.settings import Settings


def fail(message: str) -> typer.Exit:
    typer.secho(message, fg="red", err=True)
    return typer.Exit(1)


def configured() -> Settings:
    """The settings, or a plain sentence about what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        raise fail("\n".join(one["msg"].removeprefix("Value error, ") for one in error.errors())) from error
