"""docs/install.md works as it is pasted, on a machine where nothing of it is there yet."""

import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).parents[1] / "docs" / "install.md"
ACCOUNTS = ("groupadd", "useradd", "install -d")
# Accounts and folders of a machine of its own, whose homes are closed to everybody else.
FRESH = """
set -eu
cp -a /etc "$0/etc"
for each in passwd group shadow gshadow; do sed -i /^screener:/d\\;/^radiology:/d "$0/etc/$each"; done
sed -i '/^HOME_MODE/d; /^UMASK/d' "$0/etc/login.defs"; echo 'HOME_MODE 0700' >> "$0/etc/login.defs"
mount --bind "$0/etc" /etc
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /var/log
"""
REPORT = """
as() { id=$1 group=$2; shift 2; setpriv --reuid "$id" --regid "$group" --clear-groups "$@"; }
refused() { if as "$@" 2> /dev/null; then echo "not refused: $*" >&2; exit 9; fi; }
cd /var/lib/screener
as screener screener sh -c 'umask 077; touch ledger.sqlite reports/r.csv; chmod 0640 reports/r.csv'
useradd reader --gid radiology --no-create-home
as reader radiology cat /var/lib/screener/reports/r.csv
refused reader radiology ls /var/lib/screener
refused reader radiology cat /var/lib/screener/ledger.sqlite
refused nobody nogroup cat /var/lib/screener/reports/r.csv
as screener screener touch /var/log/screener/screener.log
"""


def pasted() -> list[str]:
    """Return the commands of "Set it up" that make accounts and folders."""
    block = INSTALL.read_text(encoding="utf-8").partition("## Set it up")[2].split("```")[1]
    lines = [line.removeprefix("sudo ") for line in block.strip().splitlines()]
    return [line for line in lines if line.startswith(ACCOUNTS)]


@pytest.mark.parametrize(
    "before", ["", "groupadd radiology"], ids=["no such group", "the hospital has the group"]
)
def test_readers_reach_the_reports_and_nothing_else(tmp_path: Path, before: str) -> None:
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("mount namespaces are not allowed here")
    commands = pasted()
    assert len(commands) == 5
    script = FRESH + "\n".join([before, *commands]) + REPORT
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
