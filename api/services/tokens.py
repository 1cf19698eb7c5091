"""Login tokens of staff: signed, dated, and refused with a clear sentence when too old."""

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from api.domain.errors import Unauthenticated

SALT = "staff-login"
MAX_AGE_SECONDS = 12 * 3600


def issue_token(username: str, *, secret: str) -> str:
    return URLSafeTimedSerializer(secret, salt=SALT).dumps(username)


def read_token(token: str, *, secret: str) -> str:
    """The username inside; raises Unauthenticated for a forged or expired token."""
    try:
        username: str = URLSafeTimedSerializer(secret, salt=SALT).loads(token, max_age=MAX_AGE_SECONDS)
    except SignatureExpired as error:
        raise Unauthenticated("登录已过期，请重新登录。", code="session_expired") from error
    except BadSignature as error:
        raise Unauthenticated("登录凭证不对，请重新登录。") from error
    return username
