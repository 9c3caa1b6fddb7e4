"""What WeasyPrint's tags lack for a screen reader: tables told whole, scopes, margins passed over."""

from collections.abc import Iterator
from typing import Any

_PAGINATION = b"<</Type /Pagination>>"  # ISO 32000-1, 14.8.2.2.2


def finish_tags(document: Any, pdf: Any) -> None:
    """Complete the tags of a PDF before it is written: a finisher, as WeasyPrint calls it.

    document: WeasyPrint's, laid out. pdf: a pydyf.PDF with a structure tree.
    """
    tree = _object(pdf, pdf.catalog["StructTreeRoot"])
    _join_tables(document, pdf, tree)
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


def _join_tables(document: Any, pdf: Any, tree: Any) -> None:
    """Make one table of the parts that pages made of it; of their heads the first alone is read out.

    WeasyPrint tags the part on each page as a table of its own, under a section of its own.
    """
    boxes = [box for page in document.pages for box in _tables(page._page_box)]
    parts = [(number, each) for number, each in _elements(pdf, tree) if each["S"] == "/Table"]
    firsts: dict[Any, Any] = {}  # by the element of the HTML
    if len(boxes) != len(parts):  # rather tables in parts than no report
        return
    for box, (_, part) in zip(boxes, sorted(parts, key=lambda each: each[0]), strict=True):
        first = firsts.setdefault(box.element, part)
        if first is not part:
            _append(pdf, first, part)
            _take_out(pdf, part)


def _tables(box: Any) -> Iterator[Any]:
    """Yield the boxes that WeasyPrint tags as tables, in the order of their numbers."""
    if box.element_tag == "table" and box.is_table_wrapper:
        yield box
    for child in getattr(box, "children", ()):
        yield from _tables(child)


def _append(pdf: Any, table: Any, part: Any) -> None:
    """Move what a part holds to the end of a table, under the table's own head, if it has one.

    A page that a single row fills has no head: WeasyPrint leaves it out there.
    """
    names, own_names = _names_of_head(pdf, part), _names_of_head(pdf, table)
    own = {its.string: tables for its, tables in zip(names, own_names, strict=False)}
    moved = [each for each in part["K"] if not own_names or _object(pdf, each)["S"] != "/THead"]
    for each in moved:
        _object(pdf, each)["P"] = table.reference
        for _, cell in _elements(pdf, _object(pdf, each)):
            headers = cell.get("A", {}).get("Headers") if cell["S"] == "/TD" else None
            if headers:
                headers[:] = [own.get(header.string, header) for header in headers]
    table["K"].extend(moved)


def _names_of_head(pdf: Any, table: Any) -> list[Any]:
    """Return the IDs of the header cells in a table's head, from the left."""
    heads = [head for each in table["K"] if (head := _object(pdf, each))["S"] == "/THead"]
    return [cell["ID"] for head in heads for _, cell in _elements(pdf, head) if cell["S"] == "/TH"]


def _take_out(pdf: Any, element: Any) -> None:
    """Take an element out of the tree, and what has nothing in it then."""
    parent = _object(pdf, element["P"])
    parent["K"].remove(element.reference)
    if not parent["K"]:
        _take_out(pdf, parent)


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
