"""Settings from the environment (prefix FENGQIAO_); .env.example lists them all."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HTTP = r"^https?://[^\s]+$"
SYSTEM_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Environment(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class WeChatMode(StrEnum):
    PLAIN = "plain"
    COMPAT = "compat"
    SAFE = "safe"


class OtherSystem(BaseModel):
    """A program that gets our events: `events` like ticket.accept, ticket.* or *."""

    url: str = Field(pattern=HTTP)
    secret: SecretStr = Field(min_length=16)
    events: list[str] = ["*"]


class Settings(BaseSettings):
    """One instance per process, made at start and handed on; never read again from the environment."""

    model_config = SettingsConfigDict(env_prefix="FENGQIAO_", env_file=".env", extra="ignore")

    env: Environment = Environment.DEMO
    home: Path = Path("var")
    host: str = "127.0.0.1"
    public_url: str = ""
    port: int = Field(default=8000, ge=1, le=65535)
    database_url: str = ""
    tracker_url: str = ""
    rasa_url: str = "http://127.0.0.1:5005"
    api_token: SecretStr | None = None
    secret_key: SecretStr = SecretStr("")
    data_key: SecretStr = SecretStr("")
    widget_origins: str = ""
    demo_password: SecretStr = SecretStr("fengqiao-demo")
    clock: str = ""
    log_level: str = "INFO"

    message_max_chars: int = Field(default=2000, ge=100)
    turn_timeout_seconds: float = Field(default=12.0, gt=0)
    turn_lease_seconds: float = Field(default=30.0, gt=0)

    paper_link_hours: int = Field(default=48, ge=1, le=720)

    evidence_url: str = ""
    antivirus_command: str = ""

    wechat_token: SecretStr | None = None
    wechat_aes_key: SecretStr | None = None
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr | None = None
    wechat_mode: WeChatMode = WeChatMode.SAFE
    wechat_api_base: str = "https://api.weixin.qq.com"
    wechat_picture_hosts: str = "qpic.cn"

    wecom_token: SecretStr | None = None
    wecom_aes_key: SecretStr | None = None
    wecom_corp_id: str = ""
    wecom_users: dict[str, str] = {}
    wecom_webhooks: dict[str, SecretStr] = {}
    chatwoot_url: str = ""
    chatwoot_token: SecretStr | None = None
    chatwoot_secret: SecretStr | None = None
    sms_url: str = ""
    sms_body: str = '{"phone": "{phone}", "text": "{text}"}'
    sms_headers: dict[str, SecretStr] = {"content-type": SecretStr("application/json")}
    sms_good: str = ""
    webhooks: dict[str, OtherSystem] = {}

    @field_validator("webhooks")
    @classmethod
    def plain_names(cls, value: dict[str, OtherSystem]) -> dict[str, OtherSystem]:
        if wrong := [name for name in value if not SYSTEM_NAME.fullmatch(name)]:
            raise ValueError(f"FENGQIAO_WEBHOOKS 里的名称只能用英文字母、数字、- 和 _：{'、'.join(wrong)}")
        return value

    @field_validator("wecom_webhooks")
    @classmethod
    def addresses(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if wrong := [name for name, url in value.items() if not re.match(HTTP, url.get_secret_value())]:
            raise ValueError(f"FENGQIAO_WECOM_WEBHOOKS 里的地址不对：{'、'.join(wrong)}")
        return value

    @field_validator("sms_url")
    @classmethod
    def address(cls, value: str) -> str:
        if value and not re.match(HTTP, value):
            raise ValueError("FENGQIAO_SMS_URL 要写成 http:// 或 https:// 开头的地址")
        return value

    @field_validator("sms_good")
    @classmethod
    def pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError("FENGQIAO_SMS_GOOD 不是正确的正则表达式") from error
        return value

    @field_validator("clock")
    @classmethod
    def readable_clock(cls, value: str) -> str:
        parse_clock(value)
        return value

    @model_validator(mode="after")
    def complete(self) -> "Settings":
        """Production needs its own keys; the demo makes them once and keeps them in its data folder."""
        missing = [name for name in ("secret_key", "data_key") if not getattr(self, name).get_secret_value()]
        if missing and self.env is Environment.PRODUCTION:
            names = "、".join(f"FENGQIAO_{name.upper()}" for name in missing)
            raise ValueError(f"正式环境必须设置 {names}，不能使用默认值")
        for name in missing:
            setattr(self, name, SecretStr(kept_secret(self.home / "keys" / name)))
        if not self.database_url:
            self.database_url = f"sqlite+aiosqlite:///{self.home / 'desk.db'}"
        return self

    @cached_property
    def widget_origin_list(self) -> list[str]:
        """Origins such as https://www.example.gov.cn, separated by commas; none by default."""
        return [origin.strip().rstrip("/") for origin in self.widget_origins.split(",") if origin.strip()]

    @cached_property
    def statutes_path(self) -> Path:
        return self.home / "statutes.db"

    @property
    def evidence_address(self) -> str:
        """A folder, or any other address fsspec knows."""
        return self.evidence_url or str(self.home / "evidence")

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def now(self) -> datetime:
        """The present moment, aware and in UTC; FENGQIAO_CLOCK fixes or shifts it."""
        fixed, shift = parse_clock(self.clock)
        return fixed or datetime.now(UTC) + shift


def parse_clock(value: str) -> tuple[datetime | None, timedelta]:
    """`2026-11-22T08:00:00+08:00` fixes the clock, `+3600` or `-86400` shifts it by seconds."""
    if not value:
        return None, timedelta()
    if value[0] in "+-":
        return None, timedelta(seconds=float(value))
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("FENGQIAO_CLOCK 要带时区，例如 2026-11-22T08:00:00+08:00")
    return moment.astimezone(UTC), timedelta()


def kept_secret(path: Path) -> str:
    """A random secret that survives restarts, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text().strip()
