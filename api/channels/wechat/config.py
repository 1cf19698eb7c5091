"""What the WeChat channel needs to know; handed in, never read from the environment here."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

Mode = Literal["plain", "compat", "safe"]


@dataclass(frozen=True, slots=True)
class WeChatConfig:
    """`aes_keys`: the key in use first, then older ones accepted while a rotation lasts (43 characters each).

    `deadline` and `window` are seconds: when we stop waiting for the answer (WeChat hangs up after 5), and how far
    a request's timestamp may be from our clock. `push`: a verified account may send late answers by itself.
    `longest`: characters of one message the bot reads, as on the other channels; a danger is looked for in all of it.
    """

    token: str
    app_id: str
    sender_secret: str
    mode: Mode = "safe"
    aes_keys: tuple[str, ...] = ()
    deadline: float = 3.5
    window: int = 300
    push: bool = False
    longest: int = 2000

    def __post_init__(self) -> None:
        if not self.token or not self.sender_secret:
            raise ValueError("微信通道要有 token 和内部密钥")
        if self.mode != "plain" and not (self.aes_keys and self.app_id):
            raise ValueError("兼容模式和安全模式要有 EncodingAESKey 和 AppID")

    def sender_of(self, openid: str) -> str:
        """The pseudonym the core knows; the open id itself goes into the encrypted table only."""
        return hmac.new(self.sender_secret.encode(), openid.encode(), hashlib.sha256).hexdigest()
