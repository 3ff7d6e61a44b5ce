"""Secrets at rest: Fernet with key rotation, each ciphertext bound to the place it belongs to."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from illumichat_sms_plugin.errors import SecretUnreadable, StartRefused
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.secret import Secret

UNREADABLE = say("A stored secret cannot be read with the configured keys. Enter it again.")


class SecretBox:
    """Encrypts with the first key, decrypts with any of them.

    ``context`` names the row and column a secret belongs to. It is encrypted with the secret, because
    Fernet authenticates nothing else: a ciphertext moved elsewhere does not decrypt there.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise StartRefused("SMS_ENCRYPTION_KEYS is empty; make a key with `flask sms generate-key`.")
        try:
            fernets = [Fernet(key) for key in keys]
        except (ValueError, TypeError):
            raise StartRefused(
                "SMS_ENCRYPTION_KEYS holds something that is no Fernet key; make one with `flask sms generate-key`."
            ) from None
        self._newest = fernets[0]
        self._digest_key = Secret(keys[0])
        self._all = MultiFernet(fernets)

    def encrypt(self, secret: Secret, *, context: str) -> str:
        """A ciphertext that :meth:`decrypt` reads in the same context only."""
        return self._newest.encrypt(json.dumps([context, secret.reveal()]).encode()).decode()

    def decrypt(self, token: str, *, context: str) -> Secret:
        """The secret; SecretUnreadable for a wrong key, a damaged token or another context."""
        try:
            content = Secret(self._all.decrypt(token.encode()).decode())
            found = json.loads(content.reveal())[0]
            secret = Secret(str(json.loads(content.reveal())[1]))
        except (InvalidToken, ValueError, TypeError, LookupError):
            raise SecretUnreadable(UNREADABLE) from None
        if not hmac.compare_digest(str(found).encode(), context.encode()):
            raise SecretUnreadable(UNREADABLE)
        return secret

    def digest(self, text: str) -> str:
        """A name for ``text`` that only our own processes can find again; another one after the keys were rotated."""
        return hmac.new(self._digest_key.reveal().encode(), text.encode(), "sha256").hexdigest()

    def is_current(self, token: str) -> bool:
        """Whether ``token`` was made with the newest key."""
        try:
            self._newest.decrypt(token.encode())
        except (InvalidToken, ValueError):
            return False
        return True

    def reencrypt(self, token: str, *, context: str) -> str:
        """The same secret under the newest key."""
        return self.encrypt(self.decrypt(token, context=context), context=context)


def generate_key() -> str:
    """A new key for ``SMS_ENCRYPTION_KEYS``."""
    return Fernet.generate_key().decode()
