"""Accounts and what each may do where.

A `User` is a person who signs in; residents need none. What a person may do hangs on a `Membership` of one city,
never on the account itself, so that nobody gains a right in a city by having it in another.
"""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    INDONESIAN = "id", "Bahasa Indonesia"
    ENGLISH = "en", "English"


class Role(models.TextChoices):
    """What a member is in a city; the verbs of each stand in `people.rights`."""

    OFFICER = "officer", _("Field officer")
    HEAD = "head", _("Head of agency")
    OPERATOR = "operator", _("Operator")
    MAYOR = "mayor", _("City leadership")
    ADMIN = "admin", _("Administrator")


AGENCY_ROLES = (Role.OFFICER, Role.HEAD)  # the others work for the city as a whole


class User(AbstractUser):
    """Signs in with `username`; an empty `language` means that the person has not chosen one."""

    language = models.CharField(max_length=2, choices=Language, blank=True, default="")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """One person's place in one city: at most one per city, with an agency exactly for officers and heads."""

    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    agency = models.ForeignKey("cities.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=16, choices=Role)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "user"], name="people_one_membership_per_city"),
            models.CheckConstraint(
                condition=models.Q(role__in=AGENCY_ROLES, agency__isnull=False)
                | models.Q(agency__isnull=True) & ~models.Q(role__in=AGENCY_ROLES),
                name="people_agency_belongs_to_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class AccessLog(models.Model):
    """Somebody opened what is hidden from others: a private report, a reporter's identity. Kept for good."""

    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    report_id = models.BigIntegerField()  # no foreign key: people lies below reports
    what = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        # Its older name. The app's role may only insert and read here (see the first migration).
        db_table = "people_look"
        indexes = [
            models.Index(fields=["city", "report_id", "at"], name="people_look_of_report"),
            models.Index(fields=["city", "user", "at"], name="people_look_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.report_id}"


class DataRequest(models.Model):
    """Somebody asks for the own data and has no follow link: to be answered within 3 x 24 hours (UU PDP 27/2022)."""

    class Wish(models.TextChoices):
        """What the person wants done."""

        LINKS = "links", _("Send me the links of my reports")
        EXPORT = "export", _("Tell me what you keep of me")
        CORRECT = "correct", _("Put it right")
        ERASE = "erase", _("Erase it")

    city = models.ForeignKey("cities.City", on_delete=models.CASCADE, related_name="+")
    reach = models.CharField(max_length=254)  # the e-mail address or telephone that the person gave
    wish = models.CharField(max_length=8, choices=Wish)
    words = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["city", "answered_at", "due_at"], name="people_data_requests")]

    def __str__(self) -> str:
        return f"{self.wish} {self.pk}"
