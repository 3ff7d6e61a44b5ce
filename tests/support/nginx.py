"""A real nginx with TLS that serves a WSGI app of this process below a prefix, as Debian's does before a host."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server

from tests.faults.processes import wait_until
from tests.faults.stores import LOOPBACK, free_port
from tests.support.pgbouncer import listens
from tests.support.servers import serve

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "There is no nginx (Debian: apt-get install nginx-light)"
SETTINGS = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    location {prefix}/ {{
      proxy_pass http://127.0.0.1:{behind}/;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Prefix {prefix};
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """Where it listens. ``certificate`` is what a client has to trust."""

    port: int
    prefix: str
    certificate: Path

    @property
    def origin(self) -> str:
        """Without the prefix."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """Of the app."""
        return self.origin + self.prefix

    def key_hash(self) -> str:
        """SHA-256 of the certificate's public key in base64, as Chromium and pins of RFC 7469 name a key."""
        key = load_pem_x509_certificate(self.certificate.read_bytes()).public_key()
        written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(written).digest()).decode()


def place(folder: Path, prefix: str) -> Nginx:
    """A free port and a new certificate."""
    certificate = folder / "certificate.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    who = ["-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{LOOPBACK}"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(certificate)]
    subprocess.run([*request.split(), *who, *files], check=True, capture_output=True)
    return Nginx(free_port(), prefix, certificate)


@contextmanager
def serving(nginx: Nginx, app: Flask) -> Iterator[None]:
    """Until the block ends, ``app`` can be called there."""
    assert NGINX
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    behind = make_server(LOOPBACK, 0, app, threaded=True)
    thread = serve(behind)
    folder = nginx.certificate.parent
    settings = folder / "nginx.conf"
    settings.write_text(
        SETTINGS.format(folder=folder, port=nginx.port, prefix=nginx.prefix, behind=behind.port)
    )
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(settings)], stderr=subprocess.DEVNULL)
    try:
        wait_until("nginx listens", lambda: listens(nginx.port), 20)
        yield
    finally:
        process.kill()
        process.wait(10)
        behind.shutdown()
        thread.join(10)
        behind.server_close()
