"""A folder of hostile files, and what should become of each."""

import os
import shutil
import stat
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pydicom
from PIL import Image
from pydicom.uid import MediaStorageDirectoryStorage, generate_uid

from tests.hostile import bombs
from tests.hostile.radiographs import dicom, jpeg, png, radiograph
from tests.hostile.streams import damaged_streams

Expected = dict[str, tuple[str, str] | None]
"""File as it is named in every output -> outcome (screened, ineligible, failed or ignored) and what its
reason must match, anywhere; None where any one outcome is right."""

SCREENED = ("screened", r"\A\Z")
IGNORED = ("ignored", r"\A\Z")
DAMAGED = ("failed", r"truncated|damaged")
NOISE = ("failed", r"truncated|damaged|the pixels are not ")
TOO_LARGE = ("failed", r"claims \d+ × \d+ pixels|too large|decompression bomb|[Ii]mage size")
NO_MEMORY = r"memory|MB|GB"

BOMBS = {
    "deflated.dcm": (bombs.deflated_dicom, ("failed", rf"more (frames|pixel data)|longer|{NO_MEMORY}")),
    "claims-pixels.dcm": (bombs.dicom_claiming_many_pixels, TOO_LARGE),
    "claims-pixels.jpg": (bombs.jpeg_claiming_many_pixels, TOO_LARGE),
    "claims-pixels.png": (bombs.png_claiming_many_pixels, TOO_LARGE),
    "jpeg-claims-pixels.dcm": (bombs.dicom_with_jpeg_claiming_many_pixels, DAMAGED),
    "jpeg-2000-claims-pixels.dcm": (
        bombs.dicom_with_jpeg_2000_claiming_many_pixels,
        ("failed", rf"{DAMAGED[1]}|{NO_MEMORY}"),
    ),
    "jpeg-ls-claims-pixels.dcm": (
        bombs.dicom_with_jpeg_ls_claiming_many_pixels,
        ("failed", rf"{DAMAGED[1]}|crashed|{NO_MEMORY}"),
    ),
    "jpeg-lossless-claims-pixels.dcm": (bombs.dicom_with_lossless_jpeg_claiming_many_pixels, DAMAGED),
    "few-run-lengths.dcm": (bombs.dicom_with_few_run_lengths, DAMAGED),
    "many-frames.dcm": (bombs.dicom_of_many_frames, ("ineligible", "Number of Frames")),
    "progressive.jpg": (bombs.progressive_jpeg, ("failed", r"took longer than \d+ s")),
    "many-bytes.png": (bombs.png_of_many_bytes, None),  # by its limits: out of memory, out of time, or blank
    "nested.dcm": (bombs.nested_without_lengths, ("failed", "nested too deep")),
    "nested-with-lengths.dcm": (bombs.nested_with_lengths, SCREENED),  # nobody asks what is inside
    "cut-inside-sequence.dcm": (bombs.cut_inside_sequence, DAMAGED),
    "value-of-4-gb.dcm": (bombs.value_of_four_gigabytes, ("failed", "truncated|longer than the file")),
    "pixels-of-4-gb.dcm": (bombs.pixels_of_four_gigabytes, ("failed", "truncated|longer than the file")),
}

# Each opens a formula, or a command, somewhere: in a spreadsheet, a shell, a browser, a terminal, a log.
_HOSTILE_NAMES = (
    b"=1+1.jpg",
    b"+1.jpg",
    b"-rf.jpg",
    b"@sum.jpg",
    b"\ttab.jpg",
    b"\rreturn.jpg",
    b"names/new\nline.jpg",
    b"names/carriage\rreturn.jpg",
    b"names/quo\"te's,;.jpg",
    b"names/\xff\xfe.jpg",
    b"names/folder \xe9/image.jpg",
    b"names/" + b"n" * 251 + b".jpg",
    b"names/" + b"\xc3" * 251 + b".jpg",
    b"names/  spaces  ",
    b"names/<script>alert(1)</script>.jpg",
    b"names/<img src=x onerror=alert(1)>.jpg",
    b"names/{{ 7 * 7 }}{% raw %}.jpg",
    b"names/[red]markup[/red] [/].jpg",
    b"names/%s%n{0}.jpg",
    b"names/\x1b[31mred\x07.jpg",
    b"names/\xe2\x80\xaegpj.exe.jpg",
    b"names/$(touch pwned) `id`;&|.jpg",
    b"names/a\\..\\windows.jpg",
)
_HOSTILE_IDENTIFIERS: dict[str, dict[str, object]] = {
    "formula": {"PatientID": "=cmd|x", "AccessionNumber": "+1+1", "PatientName": "@name"},
    "markup": {"PatientID": "<script>alert(2)</script>", "PatientName": "<script>alert(1)</script>"},
    "path": {
        "StudyInstanceUID": "../../etc/passwd",
        "AccessionNumber": "../../etc/shadow",
        "SOPInstanceUID": "/etc/passwd",
    },
    "nines": {"StudyInstanceUID": "9" * 64},
    "lines": {"PatientID": "one\ntwo\r\nthree", "AccessionNumber": "\ttab"},
    "sql": {"PatientID": "'; DROP TABLE outcomes; --", "AccessionNumber": '"'},
    "template": {"PatientID": "{{ 7 * 7 }}", "AccessionNumber": "[/red]"},
    "minus": {"PatientID": "-2+3", "AccessionNumber": "@SUM(A1)", "StudyInstanceUID": "=1.2.3"},
}


def make_hostile_tree(root: Path, good: int = 20, shared: Path | None = None) -> Expected:
    """Write the tree and return what should become of every file in it.

    good: number of sound images among the rest. shared: a folder with data/dicom, to copy from.
    """
    expected = make_bombs_among_radiographs(root, good)
    for make in (_contents, _names, _specials, _identifiers, _package_files):
        expected |= make(root)
    if shared is not None:
        expected |= _real_files(root, shared)
    return expected


def make_bombs_among_radiographs(root: Path, good: int) -> Expected:
    """Write what costs a worker its life, or much time or memory, and so many sound images."""
    root.mkdir(parents=True, exist_ok=True)
    return _bombs(root) | _streams(root) | _good_radiographs(root, good)


def shown(name: bytes) -> str:
    """Return a file's name as outputs show it: bytes that are no UTF-8 become \\xNN."""
    return name.decode("utf-8", errors="backslashreplace")


def write(root: Path, name: bytes | str, content: bytes) -> str:
    """Write a file below the root, whatever its name, and return the name as outputs show it."""
    raw = os.fsencode(name)
    path = os.path.join(os.fsencode(root), raw)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(content)
    return shown(raw)


def _good_radiographs(root: Path, count: int) -> Expected:
    expected: Expected = {}
    for number in range(count):
        seed = 1000 + number
        name, content = ("jpg", jpeg(seed)) if number % 2 else ("dcm", dicom(seed))
        expected[write(root, f"good/{number:04d}.{name}", content)] = SCREENED
    return expected


def _bombs(root: Path) -> Expected:
    return {write(root, f"bombs/{name}", make()): outcome for name, (make, outcome) in BOMBS.items()}


def _streams(root: Path) -> Expected:
    return {
        write(root, f"streams/{name}", content): NOISE if name.endswith("-noise.dcm") else DAMAGED
        for name, content in damaged_streams()
    }


def _contents(root: Path) -> Expected:
    expected: Expected = {}
    for suffix in ("dcm", "jpg", "png"):
        expected[write(root, f"contents/empty.{suffix}", b"")] = ("failed", "empty")
    expected[write(root, "contents/empty", b"")] = IGNORED
    expected[write(root, "contents/text.jpg", b"no image\n")] = ("failed", "content is no image")
    expected[write(root, "contents/notes.txt", b"no image\n")] = IGNORED
    expected[write(root, "contents/archive.zip", _zip())] = IGNORED
    expected[write(root, "contents/archive.dcm", _zip())] = ("failed", "content is no image")
    expected[write(root, "contents/DICOMDIR", _media_directory())] = IGNORED
    expected[write(root, "contents/.hidden.jpg", jpeg(1))] = IGNORED
    expected[write(root, "contents/.folder/image.jpg", jpeg(2))] = IGNORED
    expected[write(root, "contents/image-without-suffix", dicom(3))] = SCREENED
    expected[write(root, "contents/jpeg-called.png", jpeg(4))] = SCREENED
    expected[write(root, "contents/png-called.dcm", png(5))] = SCREENED
    expected[write(root, "contents/cut.jpg", jpeg(6)[:6000])] = DAMAGED
    expected[write(root, "contents/cut.png", png(7)[:6000])] = DAMAGED
    expected[write(root, "contents/cut.dcm", dicom(8)[:6000])] = DAMAGED
    expected[write(root, "contents/three-bytes.jpg", b"\xff\xd8\xff")] = DAMAGED
    expected[write(root, "contents/prefix-alone.dcm", bytes(128) + b"DICM")] = DAMAGED
    for name in ("tiff", "bmp", "gif"):
        expected[write(root, f"contents/image.{name}", _picture(name))] = ("ineligible", "only DICOM")
    return expected


def _names(root: Path) -> Expected:
    written = [write(root, name, jpeg(100 + number)) for number, name in enumerate(_HOSTILE_NAMES)]
    forged = write(root, b"names/cut\n2026-01-01T00:00:00 [red]forged[/red] [/].jpg", jpeg()[:4000])
    return {
        **dict.fromkeys(written, SCREENED),
        forged: DAMAGED,
        _endless_folder(root): ("failed", "too long"),
    }


def _endless_folder(root: Path) -> str:
    """Make folders in folders until no path can name the last one; return it as outputs show it."""
    name = "d" * 200
    folder = root / "names"
    at = os.open(folder, os.O_RDONLY)
    for _ in range(4096 // len(name) + 1):
        os.mkdir(name, dir_fd=at)
        deeper = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = deeper
        folder /= name
        if len(os.fsencode(folder)) >= 4096:  # PATH_MAX, the end included
            break
    os.close(at)
    return folder.relative_to(root).as_posix()


def _specials(root: Path) -> Expected:
    """Write links, pipes, sockets and devices: none of them may be opened, or hold the walk up."""
    folder = root / "special"
    folder.mkdir()
    outside = root.with_name(f"{root.name}-outside")
    write(outside, "image.jpg", jpeg(200))
    (folder / "parent").symlink_to("..", target_is_directory=True)
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "dangling.dcm").symlink_to("nowhere")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "outside.jpg").symlink_to(outside / "image.jpg")
    (folder / "zero.dcm").symlink_to("/dev/zero")
    for suffix in ("", ".dcm"):
        os.mkfifo(folder / f"pipe{suffix}")
        os.mknod(folder / f"socket{suffix}", stat.S_IFSOCK | 0o600)
    expected: Expected = {
        "special/loop.jpg": ("failed", "cannot be opened: Too many levels of symbolic links"),
        "special/dangling.dcm": ("failed", "link to a file that does not exist"),
        "special/dangling": IGNORED,
        "special/outside.jpg": SCREENED,
        "special/zero.dcm": ("failed", "no regular file"),
        "special/pipe": IGNORED,
        "special/pipe.dcm": ("failed", "no regular file"),
        "special/socket": IGNORED,
        "special/socket.dcm": ("failed", "no regular file"),
    }
    return expected | _forbidden(root)


def _forbidden(root: Path) -> Expected:
    """Write a folder and a file that their owner may not read; root, who reads all, writes none."""
    if os.geteuid() == 0:
        return {}
    write(root, "forbidden/image.jpg", jpeg(201))
    (root / "forbidden").chmod(0)
    (root / write(root, "special/forbidden.jpg", jpeg(202))).chmod(0)
    return {
        "forbidden": ("failed", "folder cannot be read: Permission denied"),
        "special/forbidden.jpg": ("failed", "cannot be opened: Permission denied"),
    }


def _identifiers(root: Path) -> Expected:
    expected: Expected = {}
    for number, (name, elements) in enumerate(_HOSTILE_IDENTIFIERS.items()):
        expected[write(root, f"identifiers/{name}.dcm", dicom(300 + number, **elements))] = SCREENED
    shared = generate_uid(entropy_srcs=["hostile", "shared"])
    for number in (320, 321):
        content = dicom(number, SOPInstanceUID=shared)
        expected[write(root, f"identifiers/shared-uid-{number}.dcm", content)] = SCREENED
    twin = dicom(322)
    expected[write(root, "identifiers/twin-1.dcm", twin)] = SCREENED
    expected[write(root, "identifiers/twin-2.dcm", twin)] = (
        "screened",
        "duplicate of identifiers/twin-1.dcm",
    )
    return expected


def _package_files(root: Path) -> Expected:
    """Copy pydicom's own test files: broken headers, odd character sets, objects that are no picture."""
    data = Path(pydicom.__file__).parent / "data"
    expected: Expected = {}
    for folder in ("test_files", "charset_files"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                expected[write(root, f"pydicom/{path.relative_to(data).as_posix()}", path.read_bytes())] = (
                    None
                )
    return expected


def _real_files(root: Path, shared: Path) -> Expected:
    outcomes: Expected = {"chest": SCREENED, "broken": DAMAGED, "other": None}
    expected: Expected = {}
    for path in sorted((shared / "data" / "dicom").rglob("*.dcm")):
        name = f"real/{path.parent.name}/{path.name}"
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, root / name)
        expected[name] = outcomes[path.parent.name]
    if "real/chest/cr_mono1_10bit_part10.dcm" in expected:  # its twin has no preamble
        twin = "real/chest/cr_mono1_10bit_no_preamble.dcm"
        expected["real/chest/cr_mono1_10bit_part10.dcm"] = ("screened", f"duplicate of {twin}")
    return expected


def _picture(file_format: str) -> bytes:
    stream = BytesIO()
    Image.fromarray(radiograph(9)).save(stream, file_format)
    return stream.getvalue()


def _zip() -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("image.jpg", jpeg(10))
    return stream.getvalue()


def _media_directory() -> bytes:
    """Return a DICOMDIR by its SOP Class (PS3.10 8): nothing else is asked of it."""
    return dicom(SOPClassUID=MediaStorageDirectoryStorage)
