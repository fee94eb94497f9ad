"""The environment of child processes: the caller's AWS settings and credentials never reach them."""

import os
from pathlib import Path

from local.paths import SAM_BIN, UV_BIN

REGION = "us-east-1"
# The emulator's own root user. Real credentials are never read.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105
_SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def plain() -> dict[str, str]:
    """What a program needs to run at all, nothing else of the caller's."""
    kept = ("HOME", "LANG", "LC_ALL", "PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "TERM", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}


def for_packages() -> dict[str, str]:
    """What programs need that fetch packages: also the caller's proxies, indexes and caches.

    Where the system has certificates, uv trusts them instead of its own list: a company's proxy is often among them.
    """
    prefixes = ("UV_", "PIP_", "npm_config_", "NPM_CONFIG_", "NODE_EXTRA_CA_CERTS", "XDG_")
    names = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "requests_ca_bundle")
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(prefixes) or name.lower() in names
    }
    trust = {"UV_SYSTEM_CERTS": "true"} if _SYSTEM_CERTIFICATES.is_file() else {}
    return plain() | trust | passed


def for_sam(endpoint: str | None = None) -> dict[str, str]:
    """What the SAM CLI needs: its own and uv's folder first on the path, and the emulator instead of AWS."""
    tools = {
        "PATH": os.pathsep.join([str(SAM_BIN), str(UV_BIN), os.environ.get("PATH", os.defpath)]),
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",
        "AWS_DEFAULT_REGION": REGION,
        # A name that no file has: neither profiles nor credentials of the caller are looked at.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if endpoint:
        tools |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }
    return for_packages() | tools
