"""What the law allows a list to use: the rulebook as data, and the checks that apply it."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.law.gate import Ruling as Ruling
    from matcher.law.procedure_rules import ProcedureRules as ProcedureRules
    from matcher.law.rulebook import Rulebook as Rulebook
    from matcher.law.scope import LocalArea as LocalArea
    from matcher.law.scope import Scope as Scope
    from matcher.law.types import BuyerKind as BuyerKind
    from matcher.law.types import Contract as Contract
    from matcher.law.types import Purpose as Purpose
    from matcher.law.types import Signal as Signal
else:
    __getattr__, __dir__ = lazy(__name__)
