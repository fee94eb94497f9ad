"""Counts as CloudWatch metrics, written into the log in the embedded metric format."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


class LogMeter:
    """`ports.Meter`; the namespace and the service dimension come from Powertools' own variables."""

    def count(self, name: str, value: int = 1) -> None:
        """Count something that happened."""
        with single_metric(name=name, unit=MetricUnit.Count, value=value):
            pass
