"""What WeasyPrint's tags lack for a screen reader: scopes of header cells, and margins that it skips."""

from collections.abc import Iterator
from typing import Any

_PAGINATION = b"<</Type /Pagination>>"  # ISO 32000-1, 14.8.2.2.2


def finish_tags(document: Any, pdf: Any) -> None:
    """Complete the tags of a PDF before it is written: a finisher, as WeasyPrint calls it.

    document: not needed. pdf: a pydyf.PDF with a structure tree.
    """
    tree = _object(pdf, pdf.catalog["StructTreeRoot"])
    reached = dict(_elements(pdf, tree))
    for element in reached.values():
        if element.get("S") == "/TR":
            _tell_scopes([_object(pdf, kid) for kid in element["K"]])
    parents = _object(pdf, tree["ParentTree"])["Nums"]
    for number, page in enumerate(pdf.page_references):
        stream = _object(pdf, _object(pdf, page)["Contents"])
        _pass_over_margins(stream, parents[2 * number + 1], reached)


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _elements(pdf: Any, root: Any) -> Iterator[tuple[int, Any]]:
    """Yield (number, element) of all that hangs on the structure tree."""
    waiting = [root]
    while waiting:
        for kid in waiting.pop().get("K", ()):
            if isinstance(kid, bytes):  # else the number of marked content
                element = _object(pdf, kid)
                yield element.number, element
                waiting.append(element)


def _tell_scopes(cells: list[Any]) -> None:
    """Say of each header cell what it heads: its column in a row of headers, else its row.

    WeasyPrint names the headers of each data cell, which is enough (ISO 14289-1, 7.5); programs that look for
    the scope alone find it here.
    """
    scope = "/Column" if all(cell["S"] == "/TH" for cell in cells) else "/Row"
    for cell in cells:
        if cell["S"] == "/TH":
            cell["A"]["Scope"] = scope


def _pass_over_margins(stream: Any, parents: Any, reached: dict[int, Any]) -> None:
    """Make artifacts of what is on the page and not in the structure tree: the texts in its margins.

    parents: of each marked content of the page, the reference of its element; changed in place.
    """
    outside = {place for place, parent in enumerate(parents) if _number(parent) not in reached}
    for place in outside:
        parents[place] = b"null"
    commands = stream.stream
    for at, properties in enumerate(commands):
        if isinstance(properties, dict) and properties.get("MCID") in outside:
            commands[at - 1], commands[at] = "/Artifact", _PAGINATION
