"""Takes out of a built layer what no function loads, because all of it would be paid for at each cold start.

Usage: slim.py LAYER, where LAYER/python holds the installed packages. Writes LAYER/amazon-roots.pem too.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path

SERVICES = {"apigatewaymanagementapi", "cognito-idp", "dynamodb", "events", "secretsmanager", "sqs"}
# endpoints.json names services by the host they answer on.
ENDPOINTS = (SERVICES - {"apigatewaymanagementapi"}) | {"execute-api"}

# The authorities of Amazon Trust Services: https://www.amazontrust.com/repository/
AUTHORITIES = {
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
}


def remove_leftovers(packages: Path) -> None:
    """Removes metadata, type stubs, tests, console scripts and byte code that was compiled elsewhere."""
    for pattern in ("*.dist-info", "*/tests", "*/test", "__pycache__", "*/**/__pycache__", "bin"):
        for folder in packages.glob(pattern):
            shutil.rmtree(folder)
    for pattern in ("**/*.pyi", "**/py.typed", "*.lock", ".lock"):
        for file in packages.glob(pattern):
            file.unlink()


def trim_services(data: Path) -> None:
    """Leaves the models of SERVICES in an SDK's data folder: listing and reading the rest costs time, not only room."""
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            shutil.rmtree(folder)
    for examples in data.glob("*/*/examples-1.json*"):
        examples.unlink()


def unpack_models(data: Path) -> None:
    """Rewrites compressed models as plain ones without the prose, which is most of them."""
    for packed in data.glob("**/*.json.gz"):
        model = json.loads(gzip.decompress(packed.read_bytes()))
        packed.with_suffix("").write_text(json.dumps(_without_prose(model), separators=(",", ":")))
        packed.unlink()


def _without_prose(value: object) -> object:
    if isinstance(value, dict):
        # A shape's member may itself be called "documentation"; prose is always a string.
        return {
            key: _without_prose(item)
            for key, item in value.items()
            if not (key == "documentation" and isinstance(item, str))
        }
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    return value


def trim_endpoints(data: Path) -> None:
    """Leaves ENDPOINTS in every partition of endpoints.json."""
    file = data / "endpoints.json"
    endpoints = json.loads(file.read_text())
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: service for name, service in partition["services"].items() if name in ENDPOINTS
        }
    file.write_text(json.dumps(endpoints, separators=(",", ":")))


def extract_authorities(bundle: str) -> str:
    """The certificates of AUTHORITIES in a bundle that labels each one as curl's and certifi's do.

    Raises LookupError if one of them is not there.
    """
    found: dict[str, str] = {}
    label = ""
    lines: list[str] = []
    for line in bundle.splitlines():
        if line.startswith("# Label:"):
            label = line.partition(":")[2].strip().strip('"')
        elif line.startswith("-----BEGIN"):
            lines = [line]
        elif line.startswith("-----END"):
            found[label] = "\n".join([f"# {label}", *lines, line])
        else:
            lines.append(line)
    missing = AUTHORITIES - found.keys()
    if missing:
        raise LookupError(f"not in the certificate bundle: {', '.join(sorted(missing))}")
    return "\n".join(found[name] for name in sorted(AUTHORITIES)) + "\n"


def main(layer: Path) -> None:
    """Slims the layer in place."""
    packages = layer / "python"
    remove_leftovers(packages)
    trim_services(packages / "boto3" / "data")
    trim_services(packages / "botocore" / "data")
    unpack_models(packages / "botocore" / "data")
    trim_endpoints(packages / "botocore" / "data")
    bundle = packages / "botocore" / "cacert.pem"
    (layer / "amazon-roots.pem").write_text(extract_authorities(bundle.read_text()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
