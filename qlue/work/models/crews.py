"""Crews (regu) of an agency: who belongs to them, what they can do, when they are on duty, who is on leave."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qlue.cities.models import Agency, City
from qlue.work.states import LeaveKind


class Crew(models.Model):
    """A few people who go out together. `skills` are category slugs; none means all of the agency's work.

    `lon`/`lat`: where they set out from, in degrees. `capacity`: how many live orders they can carry at once.
    """

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=60)
    skills = models.JSONField(default=list)
    lon = models.FloatField()
    lat = models.FloatField()
    capacity = models.PositiveSmallIntegerField(default=4)
    # Given up, not deleted: its old orders still name it.
    active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [models.UniqueConstraint("city", "agency", "name", name="work_crew_name")]

    def __str__(self) -> str:
        return self.name


class CrewMember(models.Model):
    """A person in a crew; nobody is in two crews of a city."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    crew = models.ForeignKey(Crew, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        # In two crews, the same hands would be planned twice.
        constraints = [models.UniqueConstraint("city", "user", name="work_crewmember_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in crew {self.crew_id}"


class Shift(models.Model):
    """Every week on this day (0 = Monday), from `starts` to `ends` by the city's clock; past midnight when it ends
    before it starts."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    crew = models.ForeignKey(Crew, models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("city", "crew", "weekday", "starts", name="work_shift_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="work_shift_weekday"),
            # Equal ends would mean nothing, or a whole day: nobody could say which.
            models.CheckConstraint(condition=~Q(starts=F("ends")), name="work_shift_has_length"),
        ]

    def __str__(self) -> str:
        return f"day {self.weekday} {self.starts}-{self.ends}"


class Leave(models.Model):
    """Days, both inclusive, on which a person is not on duty."""

    city = models.ForeignKey(City, models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    first = models.DateField()
    last = models.DateField()
    kind = models.CharField(max_length=8, choices=LeaveKind)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="work_leave_forward")]
        # By the last day: leaves that have ended are never asked for again.
        indexes = [models.Index("city", "user", "last", name="work_leave_of")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first}..{self.last}"
