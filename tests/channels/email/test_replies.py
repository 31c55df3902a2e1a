"""What a mail server's reply means: for this mail, and for those after it."""

from __future__ import annotations

import pytest

from promontory.channels.contract import Fault
from promontory.channels.email.replies import Reply, Step, refusal

R, M, S = Fault.RECIPIENT, Fault.MESSAGE, Fault.SERVICE


@pytest.mark.parametrize(
    ("step", "code", "text", "permanent", "fault"),
    [
        (Step.CONNECT, 421, "4.7.0 Too many connections", False, S),
        (Step.CONNECT, 554, "5.7.1 Your address is on a block list", True, S),
        (Step.LOGIN, 535, "5.7.8 Authentication failed", True, S),
        (Step.LOGIN, 454, "4.7.0 Temporary authentication failure", False, S),
        (Step.SENDER, 530, "5.7.0 Must issue STARTTLS first", True, S),
        (Step.SENDER, 550, "5.7.1 Sender not yours", True, S),
        (Step.SENDER, 552, "5.3.4 Message too big", True, M),
        (Step.SENDER, 451, "4.3.0 Try later", False, S),
        (Step.RECIPIENT, 550, "5.1.1 No such user", True, R),
        (Step.RECIPIENT, 550, "User unknown", True, R),
        (Step.RECIPIENT, 551, "User not local", True, R),
        (Step.RECIPIENT, 552, "5.2.2 Mailbox full", True, M),
        (Step.RECIPIENT, 452, "4.2.2 Over quota", False, M),
        (Step.RECIPIENT, 450, "Mailbox busy", False, R),
        (Step.RECIPIENT, 421, "Closing", False, S),
        (Step.RECIPIENT, 550, "5.1.8 Bad sender's address", True, S),
        # These condemn us or our set-up, and no address.
        (Step.RECIPIENT, 554, "5.7.1 Relay access denied", True, S),
        (Step.RECIPIENT, 550, "relaying not permitted", True, S),
        (Step.RECIPIENT, 550, "5.7.1 Blocked by policy", True, M),
        (Step.RECIPIENT, 450, "4.7.1 Greylisted", False, M),
        (Step.DATA, 554, "No valid recipients", True, M),
        (Step.CONTENT, 554, "5.7.1 Spam", True, M),
        (Step.CONTENT, 550, "5.1.1 Checked late: no such user", True, R),
        (Step.CONTENT, 452, "4.3.1 Out of disk", False, M),
        (Step.CONTENT, 421, "4.3.2 Going down", False, S),
    ],
)
def test_a_refusal_names_what_it_refuses(
    step: Step, code: int, text: str, permanent: bool, fault: Fault
) -> None:
    said = refusal(step, Reply(code, text))
    assert (said.permanent, said.fault, said.ambiguous) == (permanent, fault, False)
    assert said.detail == f"{code} {text}"
