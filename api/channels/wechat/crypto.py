"""WXBizMsgCrypt: AES-256-CBC with a fixed vector, as the protocol demands. Never use it for storage."""

import base64
import binascii
import hmac
import re
import secrets
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM_BYTES = 16
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class BadCipher(Exception):
    """The body cannot be opened. It never says why: a distinct reason would be an oracle."""


class MessageCrypto:
    """Opens with any of the keys, closes with the first."""

    def __init__(self, aes_keys: Sequence[str], receive_id: str) -> None:
        if not aes_keys or not all(_KEY.fullmatch(key) for key in aes_keys):
            raise ValueError("EncodingAESKey 应为 43 位字母数字")
        self._keys = tuple(base64.b64decode(key + "=") for key in aes_keys)
        self._receive_id = receive_id.encode()

    def encrypt(self, text: str, *, random: bytes | None = None) -> str:
        """Base64 cipher text; `random` (16 bytes) is given by tests only."""
        message = text.encode()
        prefix = random if random is not None else secrets.token_bytes(RANDOM_BYTES)
        plain = prefix + struct.pack(">I", len(message)) + message + self._receive_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher(self._keys[0]).encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, cipher_text: str) -> str:
        """The message inside; raises BadCipher for everything that is not exactly right."""
        try:
            data = base64.b64decode(cipher_text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCipher from error
        if not data or len(data) % 16:
            raise BadCipher
        for key in self._keys:
            message = self._open(key, data)
            if message is not None:
                return message
        raise BadCipher

    def _open(self, key: bytes, data: bytes) -> str | None:
        decryptor = self._cipher(key).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or len(plain) < RANDOM_BYTES + 4 + pad:
            return None
        if not hmac.compare_digest(plain[-pad:], bytes([pad]) * pad):
            return None
        body = plain[RANDOM_BYTES:-pad]
        (length,) = struct.unpack(">I", body[:4])
        message, receive_id = body[4 : 4 + length], body[4 + length :]
        if len(message) != length or not hmac.compare_digest(receive_id, self._receive_id):
            return None
        try:
            return message.decode()
        except UnicodeDecodeError:
            return None

    @staticmethod
    def _cipher(key: bytes) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
