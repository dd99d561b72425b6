"""What the law allows a list to use: the rulebook as data, and the checks that apply it."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "BuyerKind",
    "Contract",
    "LocalArea",
    "ProcedureRules",
    "Purpose",
    "Rulebook",
    "Ruling",
    "Scope",
    "Signal",
]

if TYPE_CHECKING:
    from matcher.law.gate import Ruling
    from matcher.law.procedure_rules import ProcedureRules
    from matcher.law.rulebook import Rulebook
    from matcher.law.scope import LocalArea, Scope
    from matcher.law.types import BuyerKind, Contract, Purpose, Signal
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.law.gate": ["Ruling"],
            "matcher.law.procedure_rules": ["ProcedureRules"],
            "matcher.law.rulebook": ["Rulebook"],
            "matcher.law.scope": ["LocalArea", "Scope"],
            "matcher.law.types": ["BuyerKind", "Contract", "Purpose", "Signal"],
        },
    )
