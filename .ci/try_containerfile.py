"""Run the steps of the Containerfile without a builder: as root, in a mount namespace, on Debian.

The build stage is run as it is written. Of the image itself the packages must be installed here. Its commands
are run by its user, with its environment, on a read-only root: the health check, a scan of the sample data.

    unshare --mount /usr/bin/python3 .ci/try_containerfile.py
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
ARGUMENTS = {"EXTRAS": "pacs", "PYTHON": "3.12"}


def instructions(text: str) -> list[tuple[str, str]]:
    """Return (instruction, its arguments), comments left out and continued lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", lines)
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in joined.splitlines() if line.strip()]


def stages(steps: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Return the steps of each stage, from its FROM on."""
    starts = [place for place, (what, _) in enumerate(steps) if what == "FROM"]
    return [steps[start:end] for start, end in zip(starts, [*starts[1:], len(steps)], strict=True)]


def sh(command: str, **given: object) -> None:
    print(f"+ {command}", flush=True)
    subprocess.run(["sh", "-euc", command], check=True, **given)  # type: ignore[call-overload]


def build(steps: list[tuple[str, str]], source: Path) -> None:
    """Run the build stage, in a folder in place of /src."""
    for what, words in steps:
        if what == "COPY":
            *names, place = words.split()
            for name in names:
                target = source / place / (name if place == "./" else "")
                (shutil.copytree if (TOP / name).is_dir() else shutil.copy)(TOP / name, target)
        elif what == "RUN":
            sh(words, cwd=source, env={**os.environ, **ARGUMENTS, "PATH": "/usr/bin:/bin"})


def run(steps: list[tuple[str, str]], home: Path, root: Path) -> None:
    """Run the image's commands as its user, with nothing writable but its volume and /tmp.

    root: an empty folder, where the machine's own root is mounted. It must lie in no folder that is ever
    deleted with what is in it.
    """
    told = dict(steps)
    for package in re.findall(
        r"\b(?:lib|font)[a-z0-9.-]+", steps[2][1].split("install", 1)[1].split("&&")[0]
    ):
        sh(f"dpkg -s {package} > /dev/null")
    user, group = told["USER"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    environment = dict(re.findall(r"(\w+)=(\S+)", told["ENV"])) | {"HOME": "/var/lib/screener"}
    health = json.loads(told["HEALTHCHECK"].split("CMD", 1)[1])
    [entry] = json.loads(told["ENTRYPOINT"])
    sh(f"mount --bind / {root} && mount --bind /opt/screener {root}/opt/screener")
    sh(f"mount --bind {home} {root}/var/lib/screener && chown {user}:{group} {home}")
    shutil.copytree(TOP / "sample_data" / "studies", home / "studies")
    sh(f"chmod -R a+rX {home}")
    sh(
        f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp; mount --rbind /proc {root}/proc; "
        f"mount --rbind /dev {root}/dev"
    )
    sh(f"mount -o remount,bind,ro {root} && mount -o remount,bind,ro {root}/opt/screener")
    inside = [
        "/usr/sbin/chroot",
        str(root),
        "/usr/bin/setpriv",
        "--reuid",
        user,
        "--regid",
        group,
        "--clear-groups",
        "--no-new-privs",
    ]
    scan = [
        entry,
        "scan",
        "/var/lib/screener/studies",
        "--out",
        "/var/lib/screener/r.pdf",
        "--html",
        "--workers",
        "2",
    ]
    script = (
        'cd /var/lib/screener; if touch /usr/x 2> /dev/null; then echo writable >&2; exit 9; fi; exec "$@"'
    )
    for command, codes in ((health, (0,)), (scan, (0, 3)), ([entry, *json.loads(told["CMD"])], (0,))):
        print("+", *command, flush=True)
        done = subprocess.run([*inside, "sh", "-c", script, "sh", *command], check=False, env=environment)
        assert done.returncode in codes, done.returncode
    assert {"r.pdf", "r.csv", "r.json", "r.html"} <= {each.name for each in home.iterdir()}
    size = int(
        subprocess.run(
            ["du", "-sm", "/opt/screener"], capture_output=True, text=True, check=True
        ).stdout.split()[0]
    )
    assert not list(Path("/opt/screener").glob("lib/python3*/site-packages/tensorflow"))
    print(f"/opt/screener: {size} MB")


def main() -> None:
    sh("mount --make-rprivate /")
    first, second = stages(instructions((TOP / "Containerfile").read_text(encoding="utf-8")))
    missing = [path for path in (Path("/opt/screener"), Path("/var/lib/screener")) if not path.exists()]
    for path in missing:
        path.mkdir(parents=True)
    try:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as installed:
            Path(installed).chmod(0o755)
            Path(folder).chmod(0o755)
            sh(f"mount --bind {installed} /opt/screener")
            source, home = Path(folder, "src"), Path(folder, "home")
            source.mkdir()
            home.mkdir()
            root = Path(tempfile.mkdtemp())
            try:
                build(first, source)
                run(second, home, root)
            finally:
                subprocess.run(["umount", "-lR", str(root)], check=False)
                root.rmdir()  # never more than the empty folder
                sh("umount -l /opt/screener")
    finally:
        for path in missing:
            path.rmdir()


if __name__ == "__main__":
    main()
