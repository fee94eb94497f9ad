"""The layer holds what functions load, for their processor and Python, and nothing else."""

import importlib.util
import json
import ssl
import struct
import subprocess
import sys
from pathlib import Path

import pytest

# e_machine: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {"x86_64": 62, "arm64": 183}
# Byte 4 of a .pyc: compiled from a hash of the source that is not checked again (PEP 552).
UNCHECKED_HASH = 0b01


def test_native_modules_are_for_the_processor(layer: Path, architecture: str) -> None:
    modules = sorted((layer / "python").rglob("*.so*"))
    assert {module.name.partition(".")[0] for module in modules} >= {
        "_pydantic_core",
        "_rust",
        "_cffi_backend",
    }
    assert {_machine(module) for module in modules} == {MACHINES[architecture]}


def test_it_holds_the_package_and_what_that_imports(layer: Path) -> None:
    assert {path.name.partition(".")[0] for path in (layer / "python").iterdir()} == {
        "__pycache__",
        "_cffi_backend",
        "annotated_types",
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "cffi",
        "cryptography",
        "dateutil",
        "deskbell",
        "jmespath",
        "jwt",
        "pycparser",
        "pydantic",
        "pydantic_core",
        "s3transfer",
        "six",
        "typing_extensions",
        "typing_inspection",
        "tzdata",
        "urllib3",
    }


def test_no_leftovers_of_installation_are_in_it(layer: Path) -> None:
    names = {path.name for path in (layer / "python").rglob("*")}
    assert {name for name in names if name.endswith((".dist-info", ".pyi", ".typed", ".lock"))} == set()
    assert names.isdisjoint({"tests", "test", "bin"})


def test_every_module_is_compiled_for_the_templates_python(layer: Path) -> None:
    for source in (layer / "python").rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(source))
        magic, flags = struct.unpack("<4sI", compiled.read_bytes()[:8])
        assert (magic, flags) == (importlib.util.MAGIC_NUMBER, UNCHECKED_HASH), source


def test_the_sdk_knows_the_services_in_use_only(layer: Path) -> None:
    services = {"apigatewaymanagementapi", "cognito-idp", "dynamodb", "events", "secretsmanager", "sqs"}
    data = layer / "python" / "botocore" / "data"
    assert {folder.name for folder in data.iterdir() if folder.is_dir()} == services
    for partition in json.loads((data / "endpoints.json").read_text())["partitions"]:
        assert partition["services"].keys() <= (services - {"apigatewaymanagementapi"}) | {"execute-api"}


@pytest.mark.parametrize(
    ("service", "address"),
    [
        ("dynamodb", "https://dynamodb.eu-central-1.amazonaws.com"),
        ("sqs", "https://sqs.eu-central-1.amazonaws.com"),
        ("secretsmanager", "https://secretsmanager.eu-central-1.amazonaws.com"),
        ("cognito-idp", "https://cognito-idp.eu-central-1.amazonaws.com"),
        ("events", "https://events.eu-central-1.amazonaws.com"),
        ("apigatewaymanagementapi", "https://execute-api.eu-central-1.amazonaws.com"),
    ],
)
def test_the_trimmed_sdk_finds_and_signs_for_each_service(
    host_layer: Path, service: str, address: str
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(host_layer / 'python')!r})\n"
        "from botocore.session import Session\n"
        "keys = {'aws_access_key_id': 'id', 'aws_secret_access_key': 'secret'}\n"
        f"client = Session().create_client({service!r}, region_name='eu-central-1', **keys)\n"
        "print(client.meta.endpoint_url, client.meta.region_name, client._request_signer.signing_name)"
    )
    signing = "execute-api" if service == "apigatewaymanagementapi" else service
    assert _isolated(code).split() == [address, "eu-central-1", signing]


def test_functions_trust_amazons_roots_alone(layer: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(layer / "amazon-roots.pem")
    names = {
        part[0][1]
        for root in context.get_ca_certs()
        for part in root["subject"]
        if part[0][0] == "commonName"
    }
    assert names == {
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    }


def _machine(module: Path) -> int:
    with module.open("rb") as file:
        header = file.read(20)
    assert header[:4] == b"\x7fELF"
    machine: int = struct.unpack_from("<H", header, 18)[0]
    return machine


def _isolated(code: str) -> str:
    # Without the environment's and the user's packages (-S, -I), and so without the project's.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
