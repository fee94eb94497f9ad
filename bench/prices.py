"""What counted calls cost: AWS list prices, us-east-1, on demand, in dollars for a million.

https://aws.amazon.com/api-gateway/pricing/ https://aws.amazon.com/dynamodb/pricing/on-demand/
https://aws.amazon.com/lambda/pricing/ https://aws.amazon.com/sqs/pricing/ (read 2026-09 to 2026-11)
"""

from dataclasses import dataclass

WEBSOCKET_MESSAGE = 1.00
CONNECTION_MINUTE = 0.25
HTTP_REQUEST = 1.00
INVOCATION = 0.20
GIGABYTE_SECOND_ARM = 13.3334
WRITE_UNIT = 0.625
READ_UNIT = 0.125
SQS_REQUEST = 0.40

# A duration cannot be measured off AWS: this is assumed, and is a small part.
MEMORY_GB = 0.5
SECONDS = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What is billed; messages are frames both ways, of up to 32 KB each."""

    messages: float = 0
    connection_minutes: float = 0
    http_requests: float = 0
    invocations: float = 0
    write: float = 0
    read: float = 0
    sqs: float = 0

    def bill(self) -> dict[str, float]:
        """Dollars a million of these cost, by what they are for."""
        return {
            "WebSocket messages": self.messages * WEBSOCKET_MESSAGE,
            "connection minutes": self.connection_minutes * CONNECTION_MINUTE,
            "HTTP requests": self.http_requests * HTTP_REQUEST,
            "Lambda": self.invocations * (INVOCATION + MEMORY_GB * SECONDS * GIGABYTE_SECOND_ARM),
            "DynamoDB": self.write * WRITE_UNIT + self.read * READ_UNIT,
            "SQS": self.sqs * SQS_REQUEST,
        }
