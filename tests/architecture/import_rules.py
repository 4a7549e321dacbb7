"""Two kinds of import contract that import-linter lacks, both about packages from outside."""

import sys
from collections.abc import Iterable
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module

__all__ = ["LivesIn", "ReachesOnly"]


class ReachesOnly(Contract):
    """The packages import nothing from outside but the standard library and what is allowed.

    A list of forbidden vendors would have to name every library there is; this one names what may be used.
    """

    type_name = "reaches_only"

    packages = fields.ListField(subfield=fields.ModuleField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare every direct import of the packages with the list."""
        del verbose
        allowed = {*cast("Iterable[str]", self.allowed or ()), *sys.stdlib_module_names}
        illegal: list[tuple[str, str]] = []
        for package in _names(self.packages):
            known = allowed | {_top(package)}
            for module in sorted({package} | graph.find_descendants(package)):
                imported = graph.find_modules_directly_imported_by(module)
                illegal += [(module, other) for other in sorted(imported) if _top(other) not in known]
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print who reaches for what."""
        _render(check)


class LivesIn(Contract):
    """The outside packages are imported by the homes alone; a package that nobody imports yet is no error."""

    type_name = "lives_in"

    outside = fields.ListField(subfield=fields.StringField())
    homes = fields.ListField(subfield=fields.ModuleField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at who imports each of the packages."""
        del verbose
        homes = tuple(_names(self.homes))
        illegal = [
            (importer, name)
            for name in cast("Iterable[str]", self.outside)
            if name in graph.modules
            for importer in sorted(graph.find_modules_that_directly_import(name))
            if not any(importer == home or importer.startswith(home + ".") for home in homes)
        ]
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print who reaches for what."""
        _render(check)


def _names(modules: object) -> list[str]:
    return [module.name for module in cast("Iterable[Module]", modules)]


def _top(module: str) -> str:
    return module.partition(".")[0]


def _render(check: ContractCheck) -> None:
    for importer, imported in check.metadata["illegal"]:
        output.print_error(f"{importer} is not allowed to import {imported}", bold=False)
