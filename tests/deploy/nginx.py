"""A real nginx with the configuration of `.deploy/`, on free ports of 127.0.0.1."""

from __future__ import annotations

import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.setup.running import PROJECT, free_port

NAME = "steward.example.com"
UNPACKED = Path(sys.prefix, "nginx")
"""Where `make .venv/.nginx` puts it; nothing of it is installed or started by the system."""
PATIENCE_SECONDS = 20

MAIN = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/steward.conf;
}}
"""


class NoNginx(Exception):
    """There is no nginx here, or it does not take the configuration; the text says why."""


@dataclass(frozen=True)
class Front:
    port: int
    tls_port: int
    authority: Path


def program() -> tuple[str, dict[str, str]]:
    installed = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if installed:
        return installed, dict(os.environ)
    unpacked = UNPACKED / "usr/sbin/nginx"
    if not unpacked.exists():
        raise NoNginx("nginx is not installed; run: make .venv/.nginx")
    libraries = ":".join(str(path) for path in (UNPACKED / "usr/lib").glob("*-linux-gnu"))
    return str(unpacked), dict(os.environ) | {"LD_LIBRARY_PATH": libraries}


@contextmanager
def in_front_of(port: int, folder: Path) -> Iterator[Front]:
    """nginx with our configuration; of it only ports and files are others than in earnest."""
    certificate, key = _certificate(folder)
    front = Front(free_port(), free_port(), certificate)
    text = (PROJECT / ".deploy/nginx.conf").read_text()
    for written, meant in (
        ("127.0.0.1:8000", f"127.0.0.1:{port}"),
        ("listen [::]:80;", ""),
        ("listen [::]:443 ssl http2;", ""),
        ("listen [::]:443 ssl default_server;", ""),
        ("listen 80;", f"listen 127.0.0.1:{front.port};"),
        ("listen 443 ", f"listen 127.0.0.1:{front.tls_port} "),
        ("/etc/ssl/steward/fullchain.pem", str(certificate)),
        ("/etc/ssl/steward/key.pem", str(key)),
        ("client_header_timeout 10s", "client_header_timeout 1s"),
        ("client_body_timeout 15s", "client_body_timeout 1s"),
    ):
        assert written in text, f"the configuration says {written} no more"
        text = text.replace(written, meant)
    (folder / "steward.conf").write_text(text)
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    command, environment = program()
    process = subprocess.Popen(
        [command, "-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait(process, front.tls_port)
        yield front
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def _wait(process: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoNginx(process.communicate()[1])
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NoNginx("it did not listen in time")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """For our name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    written, private = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written, private
