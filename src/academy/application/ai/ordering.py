"""Order jobs of the AI worker, checked against the registry first (AI-1)."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from academy.application.ai import refusals
from academy.application.ai.job_types import BLANK_CHECK, GRADING
from academy.application.ai.order_checks import check_order
from academy.application.errors import Refused
from academy.application.jobs.job_type import JobTypes
from academy.application.jobs.submit import submit
from academy.application.ports.database import Added, Transaction
from academy.contracts.ai import CheckBlank, GradeScan
from academy.contracts.base import Contract, InvalidMessage, validate
from academy.domain.job.job import Job
from academy.domain.job.tier import Tier

__all__ = ["Orders", "exam_subject", "scan_subject"]


def exam_subject(exam_id: str) -> str:
    """Return what a job about an exam has as its subject."""
    return f"exam:{exam_id}"


def scan_subject(scan_id: str) -> str:
    """Return what a job about a scan has as its subject."""
    return f"scan:{scan_id}"


class Orders:
    """Submits jobs of those types that have tiers. `tier` is a tier's word, "" for the least in which the type is done."""

    def __init__(self, types: JobTypes, new_id: Callable[[], str]) -> None:
        """Take the registry of job types and a maker of ids."""
        self._types = types
        self._new_id = new_id

    def order(
        self,
        tx: Transaction,
        tenant_id: str,
        type_name: str,
        payload: Mapping[str, Any],
        *,
        tier: str,
        trace: str,
        key: str = "",
        subject: str = "",
    ) -> Job:
        """Record a job; a second call with the same `key` ("": a fresh one) returns the first job.

        Raises Refused: `job_type_unknown`, `tier_not_allowed`, `payload_invalid`, and as `check_order`.
        """
        if type_name not in self._types or not self._types[type_name].tiers:
            raise Refused(refusals.JOB_TYPE_UNKNOWN)
        try:
            read = validate(self._types[type_name].payload, payload)
        except InvalidMessage as wrong:
            raise Refused(refusals.payload_invalid(wrong.reason)) from None
        check_order(tx, tenant_id, read)
        key = key or f"{type_name}:{self._new_id()}"
        added = self._add(tx, tenant_id, type_name, read, key, tier, trace, subject)
        if added.created:
            # As for a job that only a message knows: its feature ties it to what it is about.
            self._types[type_name].effects.created(tx, added.job)
        return added.job

    def read_scan(self, tx: Transaction, tenant_id: str, scan_id: str, tier: str, trace: str) -> Job:
        """Record the next reading of a scan. Raises Refused: `tier_not_allowed`."""
        payload = GradeScan(scan_id=scan_id)
        for number in count(1):
            key = f"omr-grading:{scan_id}:{number}"
            added = self._add(tx, tenant_id, GRADING, payload, key, tier, trace, scan_subject(scan_id))
            if added.created:
                return added.job
        raise AssertionError("there is a next number")

    def check_blank(self, tx: Transaction, tenant_id: str, document_id: str) -> Job:
        """Record the look at an empty sheet; a sheet is looked at once, whatever the number of exams that have it."""
        payload, key = CheckBlank(document_id=document_id), f"{BLANK_CHECK}:{document_id}"
        return self._add(tx, tenant_id, BLANK_CHECK, payload, key, "", "", f"document:{document_id}").job

    def _add(
        self,
        tx: Transaction,
        tenant_id: str,
        type_name: str,
        payload: Contract,
        key: str,
        tier: str,
        trace: str,
        subject: str,
    ) -> Added:
        if tier not in {"", *(each.value for each in self._types[type_name].tiers)}:
            raise Refused(refusals.TIER_NOT_ALLOWED)
        return submit(
            tx,
            self._types,
            job_id=self._new_id(),
            tenant_id=tenant_id,
            type_name=type_name,
            payload=payload,
            idempotency_key=key,
            subject=subject,
            trace=trace,
            tier=Tier(tier) if tier else None,
        )
