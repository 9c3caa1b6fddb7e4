"""A server for associations whose peers can neither fill the memory nor hold its threads."""

import errno
import time
from collections.abc import Callable
from typing import Any

MOST_PDU_BYTES = 256 << 20  # one image in one PDU, twice over
MOST_OBJECT_BYTES = 2 << 30
PDU_SECONDS = 300.0  # for one piece, once it has begun
_RECV_BYTES = 1 << 18


def bounded_server(silence: float, has_room: Callable[[], bool]) -> Any:
    """Return a server whose connections are bounded in number, time and size from their first byte on."""
    from pynetdicom.transport import RequestHandler, ThreadedAssociationServer

    class Bounded(RequestHandler):
        def _create_association(self) -> Any:
            association: Any = super()._create_association()
            bounded: Any = association.dul.socket
            bounded.fresh = 0  # bytes since the last image
            association.raw = self.request
            bounded.recv = lambda size: _received(bounded, size, association.is_established, silence)
            return association

    class Server(ThreadedAssociationServer):
        request_queue_size = 128  # of five, senders that come together would wait for seconds

        def __init__(self, *args: Any, **options: Any) -> None:
            options["request_handler"] = Bounded
            super().__init__(*args, **options)

        def verify_request(self, *_: Any) -> bool:
            return has_room()  # else it is closed at once: each connection costs two threads

        def get_request(self) -> tuple[Any, Any]:
            connection, address = self.socket.accept()  # type: ignore[union-attr]
            connection.settimeout(silence)
            if self.ssl_context:  # its handshake waits for the peer: not here, where it would stop all others
                connection = self.ssl_context.wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False
                )
            return connection, address

    return Server


def _received(connection: Any, size: int, established: bool, silence: float) -> bytearray:
    """Return the next bytes of a peer, fewer where it hangs up.

    Raises:
        OSError: It takes too long, or announces or sends more than any image has.
    """
    connection.fresh += size
    if size > MOST_PDU_BYTES or connection.fresh > MOST_OBJECT_BYTES:
        raise OSError(errno.EMSGSIZE, "too long")
    until = time.monotonic() + (PDU_SECONDS if established else silence)
    content = bytearray()
    while len(content) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.socket.settimeout(min(left, silence))
        piece = connection.socket.recv(min(size - len(content), _RECV_BYTES))
        if not piece:
            break
        content += piece
    return content
