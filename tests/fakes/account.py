"""One tried WeChat account: what the product is told of it, and the fake WeChat that speaks for its followers."""

import httpx

from api.channels.wechat.config import WeChatConfig
from tests.fakes.wechat import FakeWeChat

TOKEN, APP_ID, SECRET = "triedtoken", "wxtried", "secret-of-the-tried-account"
AES_KEY = "ZGVtb2tleWZvcnZpbGxhZ2Vib3QyMDI2MTEyMWFiY2Q"
ACCOUNT = {
    "FENGQIAO_WECHAT_TOKEN": TOKEN,
    "FENGQIAO_WECHAT_AES_KEY": AES_KEY,
    "FENGQIAO_WECHAT_APP_ID": APP_ID,
    "FENGQIAO_WECHAT_MODE": "safe",
    "FENGQIAO_SECRET_KEY": SECRET,
}
CONFIG = WeChatConfig(TOKEN, APP_ID, SECRET, aes_keys=(AES_KEY,))


def account_at(base: str, http: httpx.AsyncClient) -> FakeWeChat:
    return FakeWeChat(f"{base}/wechat", http, token=TOKEN, aes_key=AES_KEY, app_id=APP_ID)
