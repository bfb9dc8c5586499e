"""A second opinion on requirements, written from the specification alone: slow, plain, and on the JSON shape.

Verdicts are numbers: 1 met, 0 unmet, ½ unknown. All is the smallest, any-n the n-th largest, not the complement.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from lms.requirements import Fact, Facts, World

_SUBJECT_KINDS = {
    "lesson": "lesson",
    "module": "module",
    "exam_passed": "exam_passed",
    "attended": "attended",
    "assignment_accepted": "assignment",
    "capstone_accepted": "capstone",
    "teaching_observed": "observed_teaching",
    "evidence": "evidence",
    "partner_course": "partner_course",
    "paid": "paid",
    "approved_application": "application",
    "credited": "credit",
    "program": "program",
}


def judge(node: dict[str, Any], facts: Facts, at: datetime, world: World, *, waivable: bool = True) -> float:
    if "all_of" in node:
        return min((judge(part, facts, at, world, waivable=waivable) for part in node["all_of"]), default=1)
    if "any_of" in node:
        values = sorted((judge(part, facts, at, world, waivable=waivable) for part in node["any_of"]), reverse=True)
        return values[int(node.get("at_least", 1)) - 1]
    if "not" in node:
        inner = 1 - judge(node["not"], facts, at, world, waivable=False)
        return 1 if waivable and _waived(f"not:{_key(node['not'])}", facts, at) else inner
    if "preferred" in node:
        return 1
    if "then" in node:
        return _judge_conditional(node, facts, at, world, waivable=waivable)
    return _judge_leaf(node, facts, at, world, waivable=waivable)


def _judge_conditional(node: Any, facts: Facts, at: datetime, world: World, *, waivable: bool) -> float:
    part = judge(node["then"], facts, at, world, waivable=waivable)
    if "unless" in node:
        return max(part, judge(node["unless"], facts, at, world, waivable=False))
    return max(part, 1 - judge(node["only_if"], facts, at, world, waivable=False))


def _judge_leaf(node: Any, facts: Facts, at: datetime, world: World, *, waivable: bool) -> float:
    [(name, value)] = node.items()
    if waivable and _waived(_key(node), facts, at):
        return 1
    options = value if isinstance(value, dict) else {"": value}
    return _leaf(name, options, facts, at, world)


def _leaf(name: str, options: dict[str, Any], facts: Facts, at: datetime, world: World) -> float:
    certain = [fact for fact in facts.facts if fact.state == "established"]
    if _suffices(name, options, certain, at, world):
        return 1
    if _suffices(name, options, list(facts.facts), at, world):
        return 0.5
    told = {"min_age": "birth_date", "coaching_experience_years": "experience"}.get(name)
    if told and not any(fact.kind == told and _holds(fact, at) for fact in certain):
        return 0.5
    return 0


def _suffices(name: str, options: dict[str, Any], facts: list[Fact], at: datetime, world: World) -> bool:
    if name == "date_window":
        today = at.date().isoformat()
        return bool(options.get("from", "0") <= today <= options.get("until", "9999"))
    asked: Any = next(iter(options.values()))
    if name in {"min_age", "coaching_experience_years", "credits"}:
        return _amount(name, facts, at) >= int(asked)
    if name in {"module_set", "counting_course"}:
        return _listed(name, asked, facts, at, world)
    if name == "certificate":
        wanted = options.get("id", asked)
        return any(_certificate_counts(fact, wanted, options, at, world) for fact in facts)
    if name in {"membership", "registry_member"}:
        return bool(_holding(facts, "registry" if name == "registry_member" else name, at))
    subject = options.get("id", asked)
    return any(
        fact.subject == subject and _young(fact, options, at) for fact in _holding(facts, _SUBJECT_KINDS[name], at)
    )


def _amount(name: str, facts: list[Fact], at: datetime) -> int:
    if name == "min_age":
        return max((_years(fact.value, at.date()) for fact in _holding(facts, "birth_date", at)), default=-1)
    if name == "coaching_experience_years":
        return max((_coached(fact, at) for fact in _holding(facts, "experience", at)), default=-1)
    return sum(int(str(fact.value)) for fact in _holding(facts, "credits", at))


def _listed(name: str, asked: str, facts: list[Fact], at: datetime, world: World) -> bool:
    if name == "module_set":
        modules = set(world.sets.get(asked, ()))
        return bool(modules) and modules <= {fact.subject for fact in _holding(facts, "module", at)}
    completed = _holding(facts, "program", at) + _holding(facts, "partner_course", at)
    return any(fact.subject in world.counting.get(asked, ()) for fact in completed)


def _certificate_counts(fact: Fact, wanted: str, options: dict[str, Any], at: datetime, world: World) -> bool:
    if fact.kind != "certificate" or not _young(fact, options, at):
        return False
    ranks = world.ranks
    above = options.get("or_above") and wanted in ranks and ranks.get(fact.subject, 0) >= ranks[wanted]
    if fact.subject != wanted and not above:
        return False
    if options.get("track") not in {None, fact.value}:
        return False
    return _begun(fact, at) if options.get("status") == "held" else _holds(fact, at)


def _key(node: dict[str, Any]) -> str:
    if "all_of" in node or "any_of" in node or "unless" in node or "only_if" in node:
        return next(name for name in ("all_of", "any_of", "unless", "only_if") if name in node)
    [(name, value)] = node.items()
    if name in {"not", "preferred"}:
        return f"{name}:{_key(value)}"
    options = value if isinstance(value, dict) else {"id": value}
    if name in {"membership", "registry_member", "min_age", "coaching_experience_years", "credits", "date_window"}:
        return str(name)
    track = f":{options['track']}" if options.get("track") else ""
    return f"{name}:{options.get('id', options.get('credential'))}{track}"


def _waived(key: str, facts: Facts, at: datetime) -> bool:
    return any(w.leaf_key == key and (w.until is None or at.date() <= w.until) for w in facts.waivers)


def _begun(fact: Fact, at: datetime) -> bool:
    if isinstance(fact.since, datetime):
        return fact.since <= at
    return fact.since is None or fact.since <= at.date()


def _holds(fact: Fact, at: datetime) -> bool:
    return _begun(fact, at) and (fact.until is None or at.date() <= fact.until)


def _holding(facts: list[Fact], kind: str, at: datetime) -> list[Fact]:
    return [fact for fact in facts if fact.kind == kind and _holds(fact, at)]


def _young(fact: Fact, options: dict[str, Any], at: datetime) -> bool:
    if options.get("max_age_days") is None:
        return True
    if fact.since is None:
        return False
    began = fact.since.astimezone(at.tzinfo).date() if isinstance(fact.since, datetime) else fact.since
    return at.date() <= began + timedelta(days=options["max_age_days"])


def _years(since: Any, on: date) -> int:
    full: int = on.year - since.year
    return full - 1 if (on.month, on.day) < (since.month, since.day) else full


def _coached(fact: Fact, at: datetime) -> int:
    if isinstance(fact.value, date):
        return max(0, _years(fact.value, at.date()))
    if fact.since is None:
        return int(str(fact.value))
    began = fact.since.astimezone(at.tzinfo).date() if isinstance(fact.since, datetime) else fact.since
    return int(str(fact.value)) + max(0, _years(began, at.date()))
