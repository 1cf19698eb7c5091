"""Login of staff."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.http.deps import AppRuntime, ReadSession
from api.services import accounts, tokens

router = APIRouter(prefix="/api/v1", tags=["auth"])


class LoginIn(BaseModel):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class LoginOut(BaseModel):
    token: str
    name: str
    role: str


@router.post("/login")
async def login(body: LoginIn, app: AppRuntime, session: ReadSession) -> LoginOut:
    """A token for 12 hours, to be sent as `Authorization: Bearer …`."""
    viewer = await accounts.login(session, username=body.username, password=body.password)
    token = tokens.issue_token(body.username, secret=app.settings.secret_key.get_secret_value())
    return LoginOut(token=token, name=viewer.name, role=viewer.role)
