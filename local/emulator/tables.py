"""Tables get the time to live that their template asks for; the emulator drops it."""

from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from local.emulator.answers import accepted


def install() -> None:
    """Applies `TimeToLiveSpecification` when a stack creates or updates a table."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    create, update = handlers["create"], handlers["update"]

    def create_expiring(
        logical_id: str, properties: dict[str, Any], stack: str
    ) -> tuple[str, dict[str, Any]]:
        name, attributes = create(logical_id, properties, stack)
        _expire(name, properties)
        return name, attributes

    def update_expiring(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        name, attributes = update(physical_id, old, new, stack, logical_id)
        _expire(name, new)
        return name, attributes

    handlers["create"], handlers["update"] = create_expiring, update_expiring


def _expire(table: str, properties: dict[str, Any]) -> None:
    wanted = properties.get("TimeToLiveSpecification")
    if wanted:
        specification = {
            "AttributeName": wanted["AttributeName"],
            "Enabled": str(wanted["Enabled"]).lower() == "true",
        }
        accepted(dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": specification}))
