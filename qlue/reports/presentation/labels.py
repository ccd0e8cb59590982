"""Words for what the form of social assistance offers."""

from django.utils.translation import gettext_lazy as _

# The keys are stored with reports: one may be added, none changed or taken away.
MATTERS = {
    "apply": _("We need assistance and get none"),
    "stopped": _("It stopped, or is less than it should be"),
    "wrong": _("It goes to somebody who should not get it"),
    "cut": _("Somebody takes a part of it"),
    "other": _("Something else"),
}
PROGRAMS = {
    # Names of national programmes are the same in every language.
    "pkh": "PKH",
    "sembako": "Sembako (BPNT)",
    "blt": "BLT",
    "pbi": "PBI-JKN (KIS)",
    "pip": "PIP (KIP)",
    "disability": _("For people with disabilities"),
    "elderly": _("For the elderly"),
    "other": _("Another one, or I do not know"),
}
