"""A real Dovecot of its own for tests: one folder of files, one port, gone afterwards. Users log in with any name."""

from __future__ import annotations

import getpass
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.channels.email.servers import free_port, wait_for

PASSWORD = "right"
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")

_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
default_vsz_limit = 0
first_valid_uid = 1
mailbox_idle_check_interval = 2 secs
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/homes/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


def dovecot_program() -> str | None:
    return shutil.which("dovecot") or shutil.which("dovecot", path=os.pathsep.join(_PLACES))


@dataclass(frozen=True, slots=True)
class Dovecot:
    port: int
    base: Path

    def log_in(self, user: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login(user, PASSWORD)
        return client

    def put(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """A mail arrives in the folder."""
        client = self.log_in(user)
        client.create(folder)
        client.append(folder, "", imaplib.Time2Internaldate(time.time()), raw)
        client.logout()

    def create(self, user: str, folder: str) -> None:
        client = self.log_in(user)
        client.create(folder)
        client.logout()

    def count(self, user: str, folder: str, criterion: str = "ALL") -> int:
        client = self.log_in(user)
        client.select(folder, readonly=True)
        _, found = client.search(None, criterion)
        client.logout()
        return len(found[0].split()) if found and found[0] else 0

    def begin_anew(self, user: str) -> None:
        """The folder's numbering starts over, as after a restored backup."""
        for name in (
            "dovecot-uidlist",
            "dovecot-uidvalidity",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
        ):
            (self.base / "homes" / user / "Maildir" / name).unlink(missing_ok=True)


def _people(root: bool) -> dict[str, object]:
    """Who the server runs as: Dovecot never opens mails as root."""
    me = getpass.getuser()
    mail = pwd.getpwnam("mail" if root else me)
    internal, login = ("dovecot", "dovenull") if root else (me, me)
    group = "dovecot" if root else mail.pw_name
    return {"internal": internal, "login": login, "group": group, "uid": mail.pw_uid, "gid": mail.pw_gid}


@contextmanager
def running_dovecot(program: str) -> Iterator[Dovecot]:
    base = Path(tempfile.mkdtemp(prefix="dovecot-"))
    base.chmod(0o755)
    people, port = _people(os.getuid() == 0), free_port()
    homes = base / "homes"
    homes.mkdir()
    if os.getuid() == 0:
        os.chown(homes, int(str(people["uid"])), int(str(people["gid"])))
    config = base / "dovecot.conf"
    config.write_text(_CONFIG.format(base=base, port=port, password=PASSWORD, **people), encoding="utf-8")
    process = subprocess.Popen([program, "-F", "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process, (base / "log").read_text)
        yield Dovecot(port, base)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(base, ignore_errors=True)
