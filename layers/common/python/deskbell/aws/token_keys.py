"""The keys of guest tokens, in Secrets Manager: the present version signs, the one before still verifies.

Rotation is `put-secret-value` with a new random string: AWS moves the old one to AWSPREVIOUS by itself.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_version
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deskbell.aws.dynamo import error_code
from deskbell.errors import UnavailableError
from deskbell.tokens import TokenKeys

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT = 300_000
KEPT_IN_DOUBT = 10_000


class SecretTokenKeys:
    """`ports.Tokens`; the keys are read again every five minutes."""

    def __init__(self, client: SecretsManagerClient, secret: str) -> None:
        self._client = client
        self._secret = secret
        self._held: TokenKeys | None = None
        self._read_at = 0

    def keys(self, at: int, *, doubted: bool = False) -> TokenKeys:
        """Give the keys; those held are kept when they cannot be read, and UnavailableError is raised without.

        Keys that a token has put in doubt are kept for ten seconds only: forgeries must not cost a call each.
        """
        kept = KEPT_IN_DOUBT if doubted else KEPT
        if self._held is None or at - self._read_at >= kept:
            try:
                current = self._version("AWSCURRENT")
                if current is None:
                    raise UnavailableError("The token keys do not exist.")
                self._held = TokenKeys(current, self._version("AWSPREVIOUS"))
            except (ClientError, BotoCoreError) as error:
                if self._held is None:
                    raise UnavailableError("The token keys cannot be read.") from error
            self._read_at = at
        return self._held

    def _version(self, stage: str) -> bytes | None:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret, VersionStage=stage)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
        return answer["SecretString"].encode()
