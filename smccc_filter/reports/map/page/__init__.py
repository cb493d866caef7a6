"""The map of a policy as one page: what a reviewer needs to approve it, from the verdict down to every rule.

Every text is in the page; its script only adds looking up and magnifying. What comes from a policy is text.
"""

from collections.abc import Sequence

from smccc_filter.analysis.map import PolicyMap
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.guests.setup import VmSetup
from smccc_filter.reports.map.page import duties, findings, guest, head, rules, space
from smccc_filter.reports.map.page.data import payload
from smccc_filter.reports.paper.html import joined, tag
from smccc_filter.reports.paper.page import asset, document

SCRIPTS = ("lookup.js", "elements.js", "answer.js", "map.js", "address.js", "page.js")
"""One script in the page, in this order: only the last does something as it is read."""
NO_MAP = "There is no map: the errors above leave open what the file says."


def render(path: str, examination: Examination, setups: Sequence[VmSetup]) -> str:
    """Write the page of a policy that is set up on some kernels; ``path`` is what findings call its file.

    Without ``setups`` the file leaves open what it says, and there are its faults alone.
    """
    drawn = PolicyMap.of(examination, setups) if setups else None
    top = (head.section(path, examination, setups), findings.section(path, examination))
    title = f"{head.name_of(path, examination)}: SMCCC filter policy"
    if drawn is None:
        nothing = tag("section", tag("h2", "Map"), tag("p", NO_MAP, class_="notice"), id="space")
        return document(title, joined(top[0], tag("main", top[1], nothing)))
    both = tag("div", guest.section(drawn.setups), duties.section(drawn), class_="pair")
    look = tag("div", space.section(drawn), space.LOOK_UP, class_="look")
    body = joined(space.SKIP, top[0], tag("main", top[1], both, look, rules.section(drawn)))
    script = "\n".join(asset(__file__, name) for name in SCRIPTS)
    return document(title, body, script, payload(path, drawn))
