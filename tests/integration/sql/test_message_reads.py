"""What the frequent statements on messages read on PostgreSQL: a few rows for each that they change, however many others there are."""

from collections.abc import Iterator

import pytest
from tests.contract.database.test_message_batches import batch
from tests.contract.database.test_messages import message, order
from tests.integration.sql.test_reads import BOUND, FEW, MANY, Server
from tests.support.servers.postgres import new_postgres_database

from academy.application.ports.messaging import Moved
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.message import MessageState

IDS = [f"m{n:05}" for n in range(FEW)]
PRICES = dict.fromkeys(IDS, 9)


@pytest.fixture
def server(postgres_server: str) -> Iterator[Server]:
    """An order of MANY messages with their prices reserved, in a database that has held none before."""
    with new_postgres_database(postgres_server) as url:
        made = Server(url)
        try:
            fill(made)
            yield made
        finally:
            made.connections.close()


def fill(made: Server) -> None:
    every = [message(f"m{n:05}") for n in range(MANY)]
    made.database.run_sync(lambda tx: tx.messages.add(order(total=MANY), every))
    made.database.run_sync(lambda tx: tx.credits.transfer("t1", TransferKind.TOP_UP, {"": MANY * 9}))
    reserved = {each.id: each.price for each in every}
    made.database.run_sync(lambda tx: tx.credits.transfer("t1", TransferKind.RESERVE, reserved))
    made.count()


@pytest.mark.requirement("MSG-3")
def test_a_batch_of_messages_is_handed_over_and_moved_without_a_look_at_the_others(server: Server) -> None:
    run = server.database.run_sync
    read, queued = server.rows_read(lambda: run(lambda tx: tx.messages.queued("t1", "o1", FEW)))
    assert ([each.id for each in queued], read < BOUND) == (IDS, True)
    read, _ = server.rows_read(lambda: run(lambda tx: tx.messages.open_batch(batch(), IDS)))
    assert read < BOUND
    # Hardly any is SENDING: looking through all of them for those would seem cheap.
    server.count()
    read, handed = server.rows_read(lambda: run(lambda tx: tx.messages.of_batch("t1", "b1")))
    assert (len(handed), read < BOUND) == (FEW, True)
    moves = [Moved(each, MessageState.SENT) for each in IDS]
    read, moved = server.rows_read(lambda: run(lambda tx: tx.messages.move("t1", moves)))
    assert (len(moved), read < BOUND) == (FEW, True)


@pytest.mark.requirement("MSG-2")
def test_credit_for_a_batch_is_moved_without_a_look_at_the_others(server: Server) -> None:
    run = server.database.run_sync
    for kind in (TransferKind.CAPTURE, TransferKind.REFUND):
        read, _ = server.rows_read(lambda: run(lambda tx: tx.credits.transfer("t1", kind, PRICES)))  # noqa: B023
        assert read < BOUND
        server.count()
    balance = server.database.read_sync(lambda tx: tx.credits.balance("t1"))
    assert (balance.available, balance.reserved) == (FEW * 9, (MANY - FEW) * 9)
