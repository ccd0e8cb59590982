"""Who asks for a transition, and what comes with the request."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from qlue.people.models import Membership
from qlue.reports.actions.photos import StoredPhoto


@dataclass(frozen=True)
class Actor:
    """Who acts: a member of the city, the reporter who holds the follow link, or (neither) the system itself.

    `granted`: verbs that something else than the role allows, such as a work order that this member holds or a
    transfer that was agreed; whoever fills it has checked that.
    """

    member: Membership | None = None
    reporter: bool = False
    granted: frozenset[str] = frozenset()

    @property
    def role(self) -> str:
        """How the timeline names the actor: the member's role, `reporter` or `system`."""
        return self.member.role if self.member else ("reporter" if self.reporter else "system")

    @property
    def user_id(self) -> int | None:
        """The account behind it; None for reporters and the system."""
        return self.member.user_id if self.member else None


# Compared by value: whoever is neither a member nor the reporter, and was granted nothing, is the system.
SYSTEM = Actor()


@dataclass(frozen=True)
class TransitionInput:
    """What comes with a transition; the table of verbs says what each needs. `uuid` is the form's own.

    `seen`: the category that whoever corrects it has seen; a correction of anything else is refused.
    """

    words: str = ""
    reason: str = ""
    agency: int | None = None
    person: int | None = None
    until: datetime | None = None
    into: int | None = None
    category: int | None = None
    seen: int | None = None
    photo: list[StoredPhoto] = field(default_factory=list)
    uuid: UUID | None = None
    at: datetime | None = None
