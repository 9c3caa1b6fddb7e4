"""Pictures of published images, drawn again in disposable workers from the scanned files."""

from collections.abc import Callable
from contextlib import ExitStack

from screener.engines.local import LocalEngine
from screener.engines.report_images import PagePictureRequest
from screener.outputs.page_picture import PagePicture
from screener.reasons import Reason
from screener.reporting.past_model import network_of
from screener.reporting.render import picture_request
from screener.run_summary import RunSummary
from screener.said import Spoken
from screener.worklist import StudyRow


class Pictures:
    """Draws with the network of each run, where it is to be had; its workers start when they are needed."""

    def __init__(self, tell: Callable[[Spoken], None]) -> None:
        """Take who is told of a network that is gone."""
        self._tell = tell
        self._open = ExitStack()
        self._engines: dict[str, LocalEngine] = {}

    def close(self) -> None:
        """End the workers."""
        self._open.close()

    def of(self, row: StudyRow, run: RunSummary) -> PagePicture | None:
        """Return a study's deciding image, with its map if it is flagged; None where it cannot be shown.

        None, too, where the file is gone or holds other pixels now.
        """
        request = picture_request(row, run.scales)
        if request is None:
            return None
        asked = PagePictureRequest(row.study_id, request, full=True)
        for _, drawn in self._engine(run).draw_page_pictures([asked]):
            return None if isinstance(drawn, Reason) else drawn
        return None

    def _engine(self, run: RunSummary) -> LocalEngine:
        sha256 = run.model.sha256
        if sha256 not in self._engines:
            engine = LocalEngine(network_of(run, self._tell), 1)
            self._engines[sha256] = self._open.enter_context(engine)
        return self._engines[sha256]
