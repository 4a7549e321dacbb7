"""moto's server, put right where it differs from SQS in what we rely on. Run as a program: `moto_server.py PORT`."""

import sys
import threading
import time

from moto.server import main
from moto.sqs.models import Message, Queue, SQSBackend


def install_receipts_as_sqs_has_them() -> None:
    """Let a delete by an old receipt succeed and delete nothing.

    Source: Amazon SQS API Reference, DeleteMessage: the most recent receipt handle is needed, "otherwise, the request succeeds,
    but the message will not be deleted".
    """
    delete_as_moto_does = Queue.delete_message

    def delete_message(self: Queue, receipt_handle: str) -> None:
        for message in self._messages:
            if message.had_receipt_handle(receipt_handle) and message.receipt_handle != receipt_handle:
                return
        delete_as_moto_does(self, receipt_handle)

    Queue.delete_message = delete_message  # type: ignore[method-assign]


def install_receives_one_at_a_time() -> None:
    """Hand a message to one receiver, however many ask at the same moment.

    moto looks whether a message is visible and hides it in two steps, and its server answers every request in a thread. A
    receive that waits, waits outside of the lock.
    """
    receive_as_moto_does = SQSBackend.receive_message
    lock = threading.Lock()

    def receive_message(
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        until = time.monotonic() + (wait_seconds_timeout or 0)
        while True:
            with lock:
                found = receive_as_moto_does(
                    self, queue_name, count, 0, visibility_timeout, message_attribute_names
                )
            if found or time.monotonic() >= until:
                return found
            self.get_queue(queue_name).wait_for_messages(1)

    SQSBackend.receive_message = receive_message  # type: ignore[method-assign]


if __name__ == "__main__":
    install_receipts_as_sqs_has_them()
    install_receives_one_at_a_time()
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
