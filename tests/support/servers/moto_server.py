"""moto's server, put right where it differs from SQS in what we rely on. Run as a program: `moto_server.py PORT`."""

import sys

from moto.server import main
from moto.sqs.models import Queue


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


if __name__ == "__main__":
    install_receipts_as_sqs_has_them()
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
