"""A real Exim of its own for tests: one folder, one port, gone afterwards. It takes mails of our relay user only, and
lays them into the Maildirs of the people whom it knows."""

from __future__ import annotations

import ipaddress
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.channels.email.servers import free_port, wait_for

USER, PASSWORD = "desk", "right"
PEOPLE = ("ann", "bob", "help")
GONE, NOBODY, LATER = "gone", "nobody", "later"
"""Whom it takes in and then gives back; whom it refuses at once; whom it refuses for now."""

_CONFIG = r"""
primary_hostname = relay.example
spool_directory = {base}/spool
log_file_path = {base}/log/%slog
pid_file_path = {base}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_hosts =
keep_environment =
exim_user = {user_id}
exim_group = {group_id}
deliver_drop_privilege
message_size_limit = {size}
tls_advertise_hosts = *
tls_certificate = {base}/relay.pem
tls_privatekey = {base}/relay.pem
dsn_advertise_hosts = *
acl_smtp_rcpt = recipients
acl_smtp_data = words

begin acl
recipients:
  deny    message = 550 5.7.1 relaying denied
         !authenticated = *
  deny    message = 550 5.1.1 there is no such mailbox
          local_parts = {nobody}
  defer   message = 451 4.7.1 greylisted, come back later
          local_parts = {later}
  accept

words:
  deny    message = 550 5.7.1 this looks like spam
          condition = ${{if match{{$h_subject:}}{{SPAM}}}}
  accept

begin routers
given_back:
  driver = redirect
  local_parts = {gone}
  data = :fail: 5.1.1 there is no such mailbox any more
  allow_fail

people:
  driver = accept
  local_parts = lsearch;{base}/people
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = {homes}/$local_part_data/Maildir
  maildir_format
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry
* * F,1h,1m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""


def exim_program() -> str | None:
    found = shutil.which("exim4") or shutil.which("exim")
    return found or next((path for path in ("/usr/sbin/exim4", "/usr/sbin/exim") if os.access(path, os.X_OK)), None)


@dataclass(frozen=True, slots=True)
class Exim:
    """``certificate``: the file by which clients know it."""

    port: int
    base: Path
    certificate: Path

    def log(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in sorted((self.base / "log").glob("*log")))


def _certificate(path: Path) -> None:
    """Key and certificate of 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))


@contextmanager
def running_exim(program: str, homes: Path, size: str = "2M") -> Iterator[Exim]:
    """``homes``: where each person's Maildir is, or will be; writable for the mail user. ``size``: the biggest mail."""
    base, port = Path(tempfile.mkdtemp(prefix="exim-")), free_port()
    base.chmod(0o755)
    _certificate(base / "relay.pem")
    for folder in ("spool", "log"):
        (base / folder).mkdir()
    (base / "people").write_text("".join(f"{name}: {name}\n" for name in PEOPLE), encoding="utf-8")
    owner = pwd.getpwnam("mail") if os.getuid() == 0 else pwd.getpwuid(os.getuid())  # mails are never laid down as root
    for path in (base, *base.iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    config = base / "exim.conf"
    words = _CONFIG.format(
        base=base, port=port, homes=homes, size=size, user=USER, password=PASSWORD, gone=GONE, nobody=NOBODY,
        later=LATER, user_id=owner.pw_uid, group_id=owner.pw_gid,
    )  # fmt: skip
    config.write_text(words, encoding="utf-8")
    config.chmod(0o644)
    process = subprocess.Popen([program, "-C", str(config), "-bdf", "-q30m"], stderr=subprocess.DEVNULL)
    server = Exim(port, base, base / "relay.pem")
    try:
        wait_for(port, process, server.log)
        yield server
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(base, ignore_errors=True)
