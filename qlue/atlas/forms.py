"""Forms of a dataset, of an upload, and of what the columns of a draft mean."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.atlas.files.table import Table
from qlue.atlas.join.mapping import LEVELS, ColumnMapping, meanings
from qlue.atlas.join.table import JoinResult
from qlue.atlas.models import Dataset, Shape, Topic
from qlue.cities.facts import CityFacts

MAX_FURTHER_COLUMNS = 12
FORMULA_SIGNS = ("=", "+", "-", "@")
MEANING_LABELS = {
    "code": gettext_lazy("Kemendagri code"),
    "area": gettext_lazy("Name of the area"),
    "kecamatan": gettext_lazy("Name of its kecamatan"),
    "value": gettext_lazy("The figure"),
    "name": gettext_lazy("Name of the place"),
    "kind": gettext_lazy("Kind of place"),
    "lon": gettext_lazy("Longitude"),
    "lat": gettext_lazy("Latitude"),
}
REQUIRED_MEANINGS = {Shape.FIGURES: ("value",), Shape.PLACES: ("name", "lon", "lat")}


class DescribeForm(forms.Form):
    """A dataset's name, unit and source, and who sees it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=40, required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200, required=False)
    sums = forms.BooleanField(label=gettext_lazy("Figures add up"), required=False)
    public = forms.BooleanField(label=gettext_lazy("Everybody may see it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].help_text = _("For example: people, %, rupiah, vehicles a day.")
        self.fields["source"].help_text = _("Who made the data, and for which year.")
        self.fields["sums"].help_text = _("Leave this out for shares and means: they are averaged by population.")
        self.fields["public"].help_text = _("Otherwise only members of the city see it.")

    def clean(self) -> dict[str, object]:
        for name in ("name", "unit", "source"):
            if str(self.cleaned_data.get(name, "")).startswith(FORMULA_SIGNS):
                self.add_error(name, _("This begins with a sign that spreadsheets run as a formula."))
        return self.cleaned_data


class UploadForm(DescribeForm):
    """A file for a new dataset; for an existing one it asks for the file only."""

    file = forms.FileField(label=gettext_lazy("File"))
    topic = forms.ChoiceField(label=gettext_lazy("What it is about"), choices=Topic.choices)
    shape = forms.ChoiceField(label=gettext_lazy("What a line is"), choices=Shape.choices, widget=forms.RadioSelect)
    field_order = ("file", "name", "topic", "shape", "unit", "source", "sums", "public")

    def __init__(self, *args: Any, dataset: Dataset | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _("CSV, XLSX, GeoJSON or Parquet; at most 25 MB and 50,000 rows.")
        for name in [*self.fields] if dataset else ():
            if name != "file":
                del self.fields[name]

    def dataset_fields(self) -> dict[str, object]:
        """The fields of a new dataset."""
        return {name: value for name, value in self.cleaned_data.items() if name != "file"}


class ColumnsForm(forms.Form):
    """A column for each meaning, how numbers are written, and similar names to accept for those that match no area.

    Fields have the names `col_<meaning>` and `near_<number>`; a column's value is its position, -1 for none.
    """

    decimal = forms.ChoiceField(
        label=gettext_lazy("Numbers are written"), choices=((",", "12.345,6"), (".", "12,345.6")), required=False
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Names are those of"), choices=[(one, one.title()) for one in LEVELS], required=False
    )

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("Further columns of figures"),
        help_text=gettext_lazy("Of the same unit, such as women and men beside all people."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self,
        city: CityFacts,
        shape: str,
        table: Table,
        mapping: ColumnMapping,
        outcome: JoinResult,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.city, self.shape, self.mapping, self.names = city, shape, mapping, table.columns
        choices = [("-1", _("– none –")), *((str(position), name) for position, name in enumerate(table.columns))]
        for meaning in meanings(shape):
            initial = str(mapping.at.get(meaning, -1))
            field = forms.ChoiceField(label=MEANING_LABELS[meaning], choices=choices, initial=initial)
            self.fields[f"col_{meaning}"] = field
        self.fields["parts"].choices = choices[1:]  # type: ignore[attr-defined]
        self.fields["parts"].initial = [str(position) for position, _name in mapping.parts]
        self.fields["decimal"].initial, self.fields["level"].initial = mapping.decimal, mapping.level
        if shape == Shape.PLACES:
            del self.fields["decimal"], self.fields["level"], self.fields["parts"]
        # More would be a longer page than anybody answers; corrected names leave room for the next.
        self.near = list(outcome.suggestions.items())[:30]
        for position, (_key, miss) in enumerate(self.near):
            self._add_suggestion_field(position, miss)
        self.order_fields([*(f"col_{meaning}" for meaning in meanings(shape)), "decimal", "level", "parts"])

    def _add_suggestion_field(self, number: int, miss: dict[str, Any]) -> None:
        choices = [("", _("– none of these –")), *((area["code"], area["name"]) for area in miss["near"])]
        label = _("“%(name)s” means") % {"name": miss["what"]}
        self.fields[f"near_{number}"] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean(self) -> dict[str, object]:
        for meaning in REQUIRED_MEANINGS[Shape(self.shape)]:
            if self.cleaned_data.get(f"col_{meaning}") == "-1":
                self.add_error(f"col_{meaning}", _("This column is needed."))
        names = [self.cleaned_data.get(f"col_{meaning}") for meaning in ("code", "area")]
        if self.shape == Shape.FIGURES and names == ["-1", "-1"]:
            self.add_error("col_code", _("A code or a name must say which area a line is about."))
        return self.cleaned_data

    def chosen_mapping(self) -> ColumnMapping:
        """The mapping of the valid form."""
        fields = self.cleaned_data
        at = {meaning: int(fields[f"col_{meaning}"]) for meaning in meanings(self.shape)}
        accepted_areas = {
            key: fields[f"near_{n}"] for n, (key, _miss) in enumerate(self.near) if fields.get(f"near_{n}")
        }
        level, aliases = fields.get("level") or "kelurahan", {**self.mapping.aliases, **accepted_areas}
        return ColumnMapping(at, fields.get("decimal") or ".", level, aliases, self._further_columns(set(at.values())))

    def _further_columns(self, used_positions: set[int]) -> list[tuple[int, str]]:
        """(position, name) of the further columns that have no other meaning; names must not begin like formulas."""
        positions = [int(position) for position in self.cleaned_data.get("parts", ())]
        return [
            (position_in_file, self.names[position_in_file].lstrip("=+-@ ") or f"kolom {position_in_file + 1}")
            for position_in_file in positions
            if position_in_file not in used_positions
        ][:MAX_FURTHER_COLUMNS]
