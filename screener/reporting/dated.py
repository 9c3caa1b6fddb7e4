"""Reports that have the date in their name: a link to the latest, and old ones deleted."""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from screener.errors import SUCCESSES, ScreenerError, UsageError, why
from screener.locations import Location, as_location
from screener.options import OutputOptions
from screener.outputs.atomic import noting_written
from screener.reporting.kept_files import Kept, delete_unchanged, digest_of, read_list, write_list
from screener.said import Spoken, say

DATE, LATEST = "{date}", "latest"
_KEEP = re.compile(r"(?P<count>[1-9][0-9]{0,4})(?P<days>d?)")
_STAMP = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:-[0-9]{1,4})?")
_WRITING_SECONDS = 2.0  # a file's time may be that much later than that of the file written after it


@dataclass(frozen=True, slots=True)
class DatedReports:
    """How the reports of one run are named, and which older ones stay.

    pattern: --out with {date} in it; None where the name is the same every night. stamp: what stands for the
    date: the day, and a number from the second complete report of a day on. keep: how many reports, or, with
    days, of how many days; None for all.
    """

    pattern: Location | None
    day: date
    stamp: str
    keep: int | None = None
    days: bool = False

    @classmethod
    def of(cls, out: str, keep: str | None, day: date) -> "DatedReports":
        """Return what --out and --keep ask for.

        Raises:
            UsageError: --keep cannot be, or {date} stands in a folder's name.
        """
        counted = None if keep is None else _KEEP.fullmatch(keep)
        if keep is not None and counted is None:
            raise UsageError("reporting.keep", keep=keep)
        if DATE not in out:
            if keep is not None:
                raise UsageError("reporting.keep_needs_date")
            return cls(None, day, "")
        pattern = as_location(out)
        if DATE not in pattern.name or str(pattern).count(DATE) > 1:
            raise UsageError("reporting.date_once", out=out)
        if counted and not isinstance(pattern, Path):
            raise UsageError("reporting.keep_in_store")
        stamp = _free_stamp(pattern, day)
        if counted is None:
            return cls(pattern, day, stamp)
        return cls(pattern, day, stamp, int(counted["count"]), bool(counted["days"]))

    def named(self, place: str, stamp: str = "") -> str:
        """Return the path or URL of an output with the date, or another stamp, where {date} stands in it."""
        return place if self.pattern is None else place.replace(DATE, stamp or self.stamp)

    @contextmanager
    def in_order(
        self, options: OutputOptions, tell: Callable[[Spoken], None]
    ) -> Iterator[Callable[[int], None]]:
        """Run the block that scans; then link to its reports, and delete what is too old.

        The block tells its exit code. After one that wrote no whole report nothing is deleted. A fault here
        is said, and costs no night.
        """
        ended: list[int] = []
        with noting_written() as written:
            try:
                yield ended.append
            finally:
                if isinstance(self.pattern, Path) and options.csv in written:
                    try:
                        self._link(options, set(written), tell)
                        self._remember(
                            options, set(written), tell, tidy=bool(ended) and ended[-1] in SUCCESSES
                        )
                    except (OSError, ScreenerError) as error:
                        found = why(error) if isinstance(error, OSError) else error.said
                        tell(say("reporting.dated_fault", error=found))

    def _files(self, options: OutputOptions) -> list[Path]:
        """Return all outputs that may have the date in their names, written or not."""
        named = (options.csv, options.json, options.page, options.workbook, options.out, options.files_csv)
        return [path for path in named if isinstance(path, Path) and self.stamp in path.name]

    def _link(self, options: OutputOptions, written: set[Location], tell: Callable[[Spoken], None]) -> None:
        """Let latest.… lead to this run's files, and to no other's."""
        for path in self._files(options):
            link = path.with_name(path.name.replace(self.stamp, LATEST))
            if link.exists() and not link.is_symlink():
                tell(say("reporting.no_link", link=link.name, file=path.name))
            elif path in written:
                new = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
                new.symlink_to(path.name)
                new.replace(link)
            else:
                link.unlink(missing_ok=True)

    def _remember(
        self, options: OutputOptions, written: set[Location], tell: Callable[[Spoken], None], *, tidy: bool
    ) -> None:
        assert isinstance(self.pattern, Path)
        index = self.pattern.with_name(f".{self.pattern.name.replace(DATE, 'dated')}.list")
        folder = index.parent
        known = read_list(index, tell, lambda: self._there(options, folder))
        for path in self._files(options):
            if path in written:
                name = os.path.relpath(path, folder)
                known[name] = Kept(name, self.stamp, self.day.isoformat(), digest_of(path))
        old = self._too_old(list(known.values())) if tidy and self.keep is not None else []
        for each in old:
            if delete_unchanged(folder / each.name, each, tell):
                del known[each.name]
        write_list(index, known.values())

    def _there(self, options: OutputOptions, folder: Path) -> Iterator[Kept]:
        """Yield the files of earlier runs under these names, of each date with a report.json that is a run's.

        Left out are files that are younger than that, which a run writes last: somebody has changed them.
        """
        assert isinstance(self.pattern, Path)
        for path in self._files(options):
            before, _, after = path.name.partition(self.stamp)
            dated = re.compile(f"{re.escape(before)}({_STAMP.pattern}){re.escape(after)}")
            for each in sorted(path.parent.iterdir()):
                named = dated.fullmatch(each.name)
                if named is None or named[1] == self.stamp or each.is_symlink() or not each.is_file():
                    continue
                totals = Path(self.named(str(self.pattern), named[1])).with_suffix(".json")
                if _read_totals(totals) and each.stat().st_mtime <= totals.stat().st_mtime + _WRITING_SECONDS:
                    name = os.path.relpath(each, folder)
                    yield Kept(name, named[1], named["day"], digest_of(each))

    def _too_old(self, known: Sequence[Kept]) -> list[Kept]:
        assert self.keep is not None
        reports = sorted({(each.day, len(each.stamp), each.stamp) for each in known}, reverse=True)
        if self.days:
            first = (self.day - timedelta(days=self.keep)).isoformat()
            gone = {stamp for day, _, stamp in reports if day <= first}
        else:
            gone = {stamp for _, _, stamp in reports[self.keep :]}
        return [each for each in known if each.stamp in gone - {self.stamp}]


def _free_stamp(pattern: Location, day: date) -> str:
    """Return the day, with a number behind it where that day has whole reports already: they stay."""
    number = 1
    while True:
        stamp = day.isoformat() + (f"-{number}" if number > 1 else "")
        path = as_location(str(pattern).replace(DATE, stamp)).with_suffix(".json")
        if not (isinstance(path, Path) and _is_whole(path)):
            return stamp
        number += 1


def _is_whole(totals: Path) -> bool:
    """Return whether a report.json records a complete run whose reports were all written."""
    read = _read_totals(totals)
    return read is not None and bool(read["complete"]) and read["exit_code"] in SUCCESSES


def _read_totals(totals: Path) -> dict[str, Any] | None:
    """Return what a report.json says; None where that is no run's."""
    try:
        read = json.loads(totals.read_text(encoding="utf-8"))
        return read if {"complete", "exit_code"} <= set(read) else None
    except (OSError, ValueError, TypeError):
        return None
