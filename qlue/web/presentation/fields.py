"""Form fields as HTML: the label, the help and the error belong to the control, and nothing typed is lost."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BaseForm, BoundField, Widget
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

WIDGET_KINDS: tuple[tuple[type[Widget], str, str], ...] = (
    # widget, template kind, class of the control; the first that fits counts
    (RadioSelect, "group", "choice"),
    (CheckboxSelectMultiple, "group", "choice"),
    (CheckboxInput, "check", "form-check-input"),
    (Select, "plain", "form-select"),
    (FileInput, "plain", "form-control"),
)


def render_field(bound: BoundField, label: str = "", help_text: str = "", marks_optional: bool = True) -> SafeString:
    """One field with everything that belongs to it."""
    if bound.is_hidden:
        return bound.as_widget()
    kind, css = widget_kind(bound.field.widget)
    context = _field_context(bound, label, help_text, marks_optional)
    context["control"] = bound.as_widget(attrs=_control_attributes(bound, css, context))
    return render_to_string(f"web/components/field_{kind}.html", context)


def render_cards(bound: BoundField, icons: Mapping[str, str], icon: Callable[[str], SafeString]) -> SafeString:
    """A radio field as a grid of cards with an icon each."""
    context = _field_context(bound, "", "", True)
    current = str(bound.value() if bound.value() is not None else "")
    context["cards"] = [
        {"value": value, "word": breakable(word), "icon": icons.get(str(value), ""), "chosen": str(value) == current}
        for value, word in _bound_choices(bound)
        if str(value)  # the empty choice is no card: pressing none means the same
    ]
    return render_to_string("web/components/field_cards.html", context)


def breakable(words: object) -> SafeString:
    """Escaped text that may break after a slash: "wisma/pengemis" is wider than a card on a phone."""
    return mark_safe(conditional_escape(str(words)).replace("/", "/<wbr>"))


def form_problems(form: BaseForm) -> list[dict[str, str]]:
    """Every error of a form in the order of its fields: `words`, `label`, and `anchor` of the control."""
    errors = [{"words": str(words), "label": "", "anchor": ""} for words in form.non_field_errors()]
    for bound in form:
        # "Name: is missing" reads better without the mark that a label may end with.
        label = str(bound.label).rstrip(".:?")
        errors += [{"words": str(words), "label": label, "anchor": anchor(bound)} for words in bound.errors]
    return errors


def widget_kind(widget: Widget) -> tuple[str, str]:
    """Template kind and css class for a widget."""
    for widget_class, kind, css in WIDGET_KINDS:
        if isinstance(widget, widget_class):
            return kind, css
    return "plain", "form-control"


def anchor(bound: BoundField) -> str:
    """Id that a link in the error summary jumps to: the first control of a group."""
    if widget_kind(bound.field.widget)[0] == "group":
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def _field_context(bound: BoundField, label: str, help_text: str, marks_optional: bool) -> dict[str, object]:
    return {
        "field": bound,
        "id": bound.auto_id,
        "label": label or bound.label,
        "help": help_text or bound.help_text,
        "errors": bound.errors,
        "optional": marks_optional and not bound.field.required,
    }


def _control_attributes(bound: BoundField, css: str, context: dict[str, Any]) -> dict[str, str | bool]:
    classes = (css, bound.field.widget.attrs.get("class", ""), "is-invalid" if bound.errors else "")
    attributes: dict[str, str | bool] = {"class": " ".join(filter(None, classes))}
    described_by = [
        f"{bound.auto_id}_{part}" for part, text in (("help", context["help"]), ("error", bound.errors)) if text
    ]
    if described_by:
        attributes["aria-describedby"] = " ".join(described_by)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


def _bound_choices(bound: BoundField) -> list[tuple[object, object]]:
    return list(getattr(bound.field, "choices", []))
