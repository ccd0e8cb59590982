"""The enums of insight, as the database and the pages know them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    """What a night computes, in this order: recommendations rest on the two runs before."""

    HOTSPOTS = "hotspots", _("Hot spots")
    FORECAST = "forecast", _("Forecast")
    POLICY = "policy", _("Recommendations")


class InterventionScale(models.TextChoices):
    """What one unit of an intervention is."""

    AREA = "area", _("for a kecamatan")
    SITE = "site", _("at single places")


class EvidenceBasis(models.TextChoices):
    """Where the effect of an option was measured; a pilot has no measurement and promises nothing."""

    OWN = "own", _("measured here")
    PRIOR = "prior", _("from elsewhere")
    PILOT = "pilot", _("pilot")


class DecisionState(models.TextChoices):
    """What the city decided; declined and withdrawn decisions are no evidence of an effect."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Not now")
    RECORDED = "recorded", _("Recorded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ModelKind(models.TextChoices):
    """The question that a trained model answers."""

    CATEGORY = "category"
    AGENCY = "agency"
    DUPLICATES = "duplicates"
