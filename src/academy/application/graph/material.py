"""What an order names to be read, looked at before a job is recorded: whose it is, and whether it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from academy.application.errors import Conflict, Fault, NotFound, Path, Refused
from academy.application.graph.refusals import (
    NOT_STUDY_MATERIAL,
    NOTHING_ORDERED,
    ONE_SOURCE,
    PREFIX_WITHOUT_SLASH,
    UPLOAD_OPEN,
)
from academy.application.owned import FOREIGN_KEY, foreign, foreign_key
from academy.application.ports.database import Transaction
from academy.domain.document.document import Document, DocumentPurpose, DocumentState
from academy.domain.failures import Failure

__all__ = ["Material", "named_inputs", "one_input"]


@dataclass(frozen=True, slots=True)
class Material:
    """What a job is to read: uploaded documents, or objects that the academy's own systems stored, by key or prefix."""

    document_ids: Sequence[str] = ()
    keys: Sequence[str] = ()
    prefixes: Sequence[str] = ()


def named_inputs(tx: Transaction, tenant_id: str, material: Material) -> Mapping[str, tuple[str, ...]]:
    """Return `keys` and `prefixes` of everything that is to be read.

    Raises NotFound for documents of nobody here, Refused (nothing named; `foreign_key`; a prefix without its slash; a document of
    another purpose), Conflict while an upload is open.
    """
    if not (material.document_ids or material.keys or material.prefixes):
        raise _refused(NOTHING_ORDERED, "document_ids")
    wrong = [
        Fault((field, at), foreign_key(tx, tenant_id, names[at : at + 1]) or FOREIGN_KEY)
        for field, names in (("keys", material.keys), ("prefixes", material.prefixes))
        for at in foreign(tx, tenant_id, names)
    ]
    open_ended = [at for at, prefix in enumerate(material.prefixes) if not prefix.endswith("/")]
    wrong += [Fault(("prefixes", at), PREFIX_WITHOUT_SLASH) for at in open_ended]
    if wrong:
        raise Refused(wrong[0].failure, wrong)
    paths: list[Path] = [("document_ids", at) for at in range(len(material.document_ids))]
    uploaded = _uploaded(tx, tenant_id, material.document_ids, paths)
    keys = dict.fromkeys([*(document.key for document in uploaded), *material.keys])
    return {"keys": tuple(keys), "prefixes": tuple(dict.fromkeys(material.prefixes))}


def one_input(tx: Transaction, tenant_id: str, document_id: str, key: str) -> str:
    """Return the key of the one object that is to be read. Raises as `named_inputs`."""
    if bool(document_id) == bool(key):
        raise _refused(ONE_SOURCE, "document_id" if document_id else "key")
    if document_id:
        return _uploaded(tx, tenant_id, [document_id], [("document_id",)])[0].key
    not_ours = foreign_key(tx, tenant_id, [key])
    if not_ours is not None:
        raise _refused(not_ours, "key")
    return key


def _uploaded(tx: Transaction, tenant_id: str, ids: Sequence[str], paths: Sequence[Path]) -> list[Document]:
    """Return uploaded documents in the order of their ids; `paths`: where each is named."""
    found = {document.id: document for document in tx.documents.get_many(tenant_id, list(ids))}
    missing = [path for each, path in zip(ids, paths, strict=True) if each not in found]
    if missing:
        raise NotFound("document", missing)
    for each, path in zip(ids, paths, strict=True):
        document = found[each]
        if document.purpose is not DocumentPurpose.STUDY:
            raise Refused(NOT_STUDY_MATERIAL, [Fault(path, NOT_STUDY_MATERIAL)])
        if document.state is not DocumentState.READY:
            why = document.failure or UPLOAD_OPEN
            raise Conflict(why, [Fault(path, why)])
    return [found[each] for each in dict.fromkeys(ids)]


def _refused(failure: Failure, field: str) -> Refused:
    return Refused(failure, [Fault((field,), failure)])
