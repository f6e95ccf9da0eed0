"""A real OpenLDAP server for the tests: on free ports of 127.0.0.1, its data thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

SUFFIX = "dc=example,dc=org"
ROOT_DN, ROOT_PASSWORD = f"cn=root,{SUFFIX}", "root-password"
READER_DN, READER_PASSWORD = f"cn=reader,{SUFFIX}", "reader pässword"
LIMITED_DN = f"cn=limited,{SUFFIX}"
SIZE_LIMIT = 50
"""What the server hands out at most, but to `READER_DN`, in pages."""
UNPACKED = Path(sys.prefix, "openldap")
"""Where `make .venv/.openldap` puts it; nothing of it is installed or started by the system."""

CONFIGURATION = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
include {schema}/nis.schema
include {schema}/msuser.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
{tls}
sizelimit {size_limit}
{options}
database mdb
maxsize 268435456
dbnosync
suffix "{suffix}"
rootdn "{root}"
rootpw {root_password}
directory {folder}/data
index objectClass eq
limits dn.exact="{reader}" size={size_limit} size.pr=2000 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth
access to * by users read
"""

BASE_ENTRIES = f"""
dn: {SUFFIX}
objectClass: organization
objectClass: dcObject
o: Example
dc: example

dn: {READER_DN}
objectClass: person
cn: reader
sn: reader
userPassword: {READER_PASSWORD}

dn: {LIMITED_DN}
objectClass: person
cn: limited
sn: limited
userPassword: {READER_PASSWORD}

dn: ou=services,{SUFFIX}
objectClass: organizationalUnit
ou: services
"""


class NoOpenLdap(Exception):
    """There is no OpenLDAP server here; the text says what to do."""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: what the server shows, and who signed it."""

    authority: Path
    certificate: Path
    key: Path


@dataclass
class Directory:
    """A running server."""

    port: int
    tls_port: int
    folder: Path
    process: subprocess.Popen[bytes] = field(repr=False)
    programs: Programs = field(repr=False)

    def add(self, ldif: str) -> None:
        """Add entries while it runs.

        Raises:
            NoOpenLdap: it did not take them; the text says why.
        """
        self._change(ldif, "-a")

    def change(self, ldif: str) -> None:
        self._change(ldif)

    def _change(self, ldif: str, *flags: str) -> None:
        command = ["ldapmodify", *flags, "-x", "-D", ROOT_DN, "-w", ROOT_PASSWORD]
        command += ["-H", f"ldap://127.0.0.1:{self.port}"]
        self.programs.run(command, ldif)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """It neither answers nor hangs up until the test ends."""
        os.kill(self.process.pid, signal.SIGSTOP)


@dataclass(frozen=True)
class Programs:
    """Where the programs and their libraries are."""

    root: Path

    def environment(self) -> dict[str, str]:
        libraries = [*self.root.glob("usr/lib/*-linux-*"), *self.root.glob("lib/*-linux-*")]
        unpacked = self.root != Path("/")
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LDAPNOINIT": "1",
            "LC_ALL": "C",
        } | ({"LD_LIBRARY_PATH": ":".join(map(str, libraries))} if unpacked else {})

    def path(self, name: str) -> str:
        for folder in ("usr/sbin", "usr/bin"):
            if (found := self.root / folder / name).exists():
                return str(found)
        raise NoOpenLdap(f"{name} is not here; run: make {Path(sys.prefix).name}/.openldap")

    def run(self, command: Sequence[str], text: str) -> None:
        done = subprocess.run(
            [self.path(command[0]), *command[1:]],
            input=text.encode(),
            env=self.environment(),
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise NoOpenLdap(f"{command[0]}: {done.stderr.decode()[-2000:]}")


def programs() -> Programs:
    """Those of the system, if it has a server; else those that `make` unpacked."""
    return Programs(Path("/") if Path("/usr/sbin/slapd").exists() else UNPACKED)


@contextmanager
def directory(
    folder: Path,
    ldif: str = "",
    *,
    certificates: Certificates | None = None,
    options: Mapping[str, str] | None = None,
) -> Iterator[Directory]:
    """A server with `BASE_ENTRIES` and those of `ldif`; `folder` must be empty."""
    found = programs()
    (folder / "data").mkdir(parents=True)
    configuration = folder / "slapd.conf"
    configuration.write_text(_configuration(found, folder, certificates, options or {}))
    found.run(["slapadd", "-q", "-f", str(configuration)], f"{BASE_ENTRIES}\n{ldif}")
    port, tls_port = _free_port(), _free_port()
    addresses = f"ldap://127.0.0.1:{port}/"
    if certificates:
        addresses += f" ldaps://127.0.0.1:{tls_port}/"
    process = subprocess.Popen(
        [found.path("slapd"), "-f", str(configuration), "-h", addresses, "-d", "0"],
        env=found.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(process, port)
        yield Directory(port, tls_port, folder, process, found)
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
        process.kill()
        process.wait()
        shutil.rmtree(folder / "data", ignore_errors=True)


def _configuration(
    found: Programs, folder: Path, certificates: Certificates | None, options: Mapping[str, str]
) -> str:
    tls = ""
    if certificates:
        tls = (
            f"TLSCertificateFile {certificates.certificate}\n"
            f"TLSCertificateKeyFile {certificates.key}\n"
        )
    return CONFIGURATION.format(
        schema=found.root / "etc/ldap/schema",
        modules=found.root / "usr/lib/ldap",
        folder=folder,
        tls=tls,
        options="\n".join(f"{name} {value}" for name, value in options.items()),
        size_limit=SIZE_LIMIT,
        suffix=SUFFIX,
        root=ROOT_DN,
        root_password=ROOT_PASSWORD,
        reader=READER_DN,
    )


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoOpenLdap(f"slapd ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise NoOpenLdap("slapd did not begin to listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
