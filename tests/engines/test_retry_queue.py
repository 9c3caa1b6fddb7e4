"""A file that kills workers is found out; its neighbours are not taken for it."""

from pathlib import Path

from screener.domain import FileKind, ImageFile, NotScreened
from screener.engines.retry_queue import FILES, IN_HAND, TRIES, Piece, Pieces
from tests.reasons import words

HOW = "its node died"


def images(count: int) -> list[ImageFile]:
    return [ImageFile(Path(f"/{i}"), str(i), FileKind.JPEG) for i in range(count)]


def taken(pieces: Pieces) -> Piece:
    piece = pieces.next(0)
    assert piece is not None
    return piece


def test_a_batch_is_cut_so_that_its_outcomes_fit_into_a_message() -> None:
    pieces = Pieces([images(FILES + 3)])
    sizes = []
    while (piece := pieces.next(0)) is not None:
        sizes.append(len(piece.files))
    assert sizes == [FILES, 3]
    assert pieces.done


def test_no_worker_is_given_more_than_it_may_hold() -> None:
    pieces = Pieces([images(1)] * 10)
    assert pieces.next(IN_HAND - 1) is not None
    assert pieces.next(IN_HAND) is None
    assert not pieces.done


def test_a_piece_whose_worker_died_goes_to_a_worker_that_holds_nothing_else() -> None:
    pieces = Pieces([images(2), images(2)])
    pieces.lost(taken(pieces), HOW)
    assert pieces.next(1) is None
    again = taken(pieces)
    assert (again.losses, again.alone) == (1, True)
    assert not taken(pieces).alone


def test_a_file_is_given_up_after_so_many_workers_and_its_neighbours_are_not() -> None:
    pieces = Pieces([images(3)])
    outcomes: list[NotScreened] = []
    died, screened = 0, set()
    while not pieces.done:
        if (piece := pieces.next(0)) is None:
            break
        if any(file.name == "1" for file in piece.files):
            died += 1
            outcomes += pieces.lost(piece, HOW)
        else:
            screened |= {file.name for file in piece.files}
    assert screened == {"0", "2"}
    assert [outcome.file for outcome in outcomes] == ["1"]
    assert words(outcomes[0]) == f"lost {TRIES} workers of the cluster that had this file alone ({HOW})"
    assert died == 2 * TRIES
