"""Copies of an image in another transfer syntax, where images are read smaller than they are.

A lower resolution differs from codec to codec though the images are equal, and the digest of a stream holds
for one transfer syntax alone. Only images of one study with the same SOP Instance UID can be copies: those
are read whole to be compared, and no others (docs/decisions/0006).
"""

from screener.domain import ImageFile, ObjectFile
from screener.engines.report_images import DigestRequest, ImageReader
from screener.intake import STREAM_DIGEST, look_at
from screener.ledger import Ledger


def record_copies(ledger: Ledger, reader: ImageReader) -> int:
    """Give images that may be copies of another the digest of all their pixels; return how many got one.

    One that cannot be read any more keeps the digest that it has: it is no copy of anything.
    """
    requests: dict[int, DigestRequest] = {}
    for each in ledger.undecided(STREAM_DIGEST):
        file = look_at(each.path, each.file)
        if isinstance(file, ImageFile | ObjectFile):
            requests[each.result] = DigestRequest(file, each.pixel_digest)
    if not requests:
        return 0
    digests = zip(requests, reader.read_digests(requests.values()), strict=True)
    found = {result: digest for result, digest in digests if digest}
    ledger.decide(found)
    return len(found)
