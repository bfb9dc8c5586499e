"""The pure language of requirements: what may be asked, whether it is met, and where a person stands.

Values in, values out; `at` is always an argument. Nothing here reads a clock, a request or a table.
"""

from lms.requirements.campus import (
    Campus,
    Credential,
    EvidenceKind,
    Expiry,
    Issuer,
    MembershipBody,
    expires_on,
    world_of,
)
from lms.requirements.campus_yaml import parse_campus
from lms.requirements.claim_kinds import ClaimKind, fact_value
from lms.requirements.combinators import AllOf, AnyOf, Not, OnlyIf, Preferred, Unless
from lms.requirements.deciding import decide
from lms.requirements.decisions import Action, Decision, Remedy, Verdict, together
from lms.requirements.facts import Fact, Facts, Waiver
from lms.requirements.leaves import LEAVES
from lms.requirements.persona_yaml import parse_persona
from lms.requirements.personas import Expectation, Persona, run
from lms.requirements.program_yaml import parse_program
from lms.requirements.programs import (
    Award,
    Door,
    DoorRule,
    Part,
    Program,
    Renewal,
    Stage,
    Track,
    with_parts,
)
from lms.requirements.reading import parse_requirement, problems_of, requirement_from_json
from lms.requirements.renewing import RenewalStanding, renewal_standing
from lms.requirements.saying import say, say_lines
from lms.requirements.stage_rules import completes, completion_of, credits_due, modules_passed, opens
from lms.requirements.standing import NextAction, PartStanding, ProgramStanding, StageStanding, naming, standing
from lms.requirements.tree import Leaf, Requirement
from lms.requirements.world import World

__all__ = [
    "LEAVES",
    "Action",
    "AllOf",
    "AnyOf",
    "Award",
    "Campus",
    "ClaimKind",
    "Credential",
    "Decision",
    "Door",
    "DoorRule",
    "EvidenceKind",
    "Expectation",
    "Expiry",
    "Fact",
    "Facts",
    "Issuer",
    "Leaf",
    "MembershipBody",
    "NextAction",
    "Not",
    "OnlyIf",
    "Part",
    "PartStanding",
    "Persona",
    "Preferred",
    "Program",
    "ProgramStanding",
    "Remedy",
    "Renewal",
    "RenewalStanding",
    "Requirement",
    "Stage",
    "StageStanding",
    "Track",
    "Unless",
    "Verdict",
    "Waiver",
    "World",
    "completes",
    "completion_of",
    "credits_due",
    "decide",
    "expires_on",
    "fact_value",
    "modules_passed",
    "naming",
    "opens",
    "parse_campus",
    "parse_persona",
    "parse_program",
    "parse_requirement",
    "problems_of",
    "renewal_standing",
    "requirement_from_json",
    "run",
    "say",
    "say_lines",
    "standing",
    "together",
    "with_parts",
    "world_of",
]
