"""Thresholds as people write them, `4=150/140; 3=200/190`: level = begins / ends."""

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from django.utils.translation import gettext as _

from qlue.things.imports.values import DeviceFault, parse_decimal
from qlue.things.models import Profile
from qlue.things.profiles.definitions import MILDEST, WORST, AlarmRule, JsonColumn, Threshold, to_json_column

THRESHOLD = re.compile(r"([1-4])\s*=\s*(-?[0-9.]+)(?:\s*/\s*(-?[0-9.]+))?")


def parse_overrides(profile: Profile, text: str) -> dict[str, JsonColumn]:
    """The thresholds of one device, by field, as its column `steps` keeps them; raises DeviceFault.

    `4=150/140; 3=200/190` belongs to the profile's first alarm, `field: 4=150/140` names another. Several alarms stand
    on lines of their own, or with `|` between.
    """
    rules, overrides = {rule.field: rule for rule in profile.alarm_rules()}, dict[str, JsonColumn]()
    for line in filter(None, map(str.strip, re.split(r"[|\n]", text))):
        name, colon, levels = line.rpartition(":")
        name = name.strip() if colon else next(iter(rules), "")
        if not rules:
            raise DeviceFault(_("This kind of device has no alarm to which levels could belong."))
        if name not in rules or name in overrides:
            raise DeviceFault(
                _("Levels of %(name)s: this kind has no such alarm, or it stands there twice.") % {"name": name}
            )
        overrides[name] = to_json_column(parse_threshold_text(levels, above=rules[name].above))
    return overrides


def format_overrides(rules: Iterable[AlarmRule], overrides: Mapping[str, object]) -> str:
    """The inverse of `parse_overrides`, from all rules of a device and its column `steps`."""
    device_rules = list(rules)
    return " | ".join(
        # Only the first alarm may stand without its name.
        ("" if rule is device_rules[0] else f"{rule.field}: ") + format_thresholds(rule.steps)
        for rule in device_rules
        if overrides.get(rule.field)
    )


def parse_threshold_text(text: str, *, above: bool) -> tuple[Threshold, ...]:
    """Thresholds from the mildest to the worst; raises DeviceFault where they do not climb (or fall, below)."""
    thresholds = [_parse_threshold(part.strip()) for part in re.split(r"[;\n]", text) if part.strip()]
    thresholds.sort(key=lambda threshold: -threshold.level)
    sign = 1 if above else -1
    climbs = all(sign * milder.at < sign * worse.at for milder, worse in pairwise(thresholds))
    # An end beyond the beginning would switch the level off in the moment it begins.
    ends_late = any(sign * threshold.clear > sign * threshold.at for threshold in thresholds)
    if not thresholds or not climbs or ends_late:
        raise DeviceFault(
            _("Levels must climb from %(mild)d to %(worst)d, and end before they begin.")
            % {"mild": MILDEST, "worst": WORST}
        )
    return tuple(thresholds)


def _parse_threshold(part: str) -> Threshold:
    match = THRESHOLD.fullmatch(part)
    if not match:
        raise DeviceFault(_('"%(part)s" must look like 3=200/190: level = begins / ends.') % {"part": part[:40]})
    at = parse_decimal("levels", match[2])
    return Threshold(int(match[1]), at, parse_decimal("levels", match[3]) if match[3] else at)


def format_thresholds(thresholds: Iterable[Threshold]) -> str:
    """The inverse of `parse_threshold_text`."""
    return "; ".join(f"{threshold.level}={threshold.at:g}/{threshold.clear:g}" for threshold in thresholds)
