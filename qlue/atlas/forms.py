"""What a person says about a file: which dataset it is, and which column means what."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qlue.atlas.files.intake import Table
from qlue.atlas.joining.join import Joined
from qlue.atlas.joining.mapping import LEVELS, Columns, meanings
from qlue.atlas.models import Dataset, Shape, Topic
from qlue.cities.facts import CityFacts

MOST_PARTS = 12
FORMULA = ("=", "+", "-", "@")
MEANINGS = {
    "code": gettext_lazy("Kemendagri code"),
    "area": gettext_lazy("Name of the area"),
    "kecamatan": gettext_lazy("Name of its kecamatan"),
    "value": gettext_lazy("The figure"),
    "name": gettext_lazy("Name of the place"),
    "kind": gettext_lazy("Kind of place"),
    "lon": gettext_lazy("Longitude"),
    "lat": gettext_lazy("Latitude"),
}
NEEDED = {Shape.FIGURES: ("value",), Shape.PLACES: ("name", "lon", "lat")}


class DescribeForm(forms.Form):
    """Words about a dataset, and who sees it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=40, required=False)
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200, required=False)
    sums = forms.BooleanField(label=gettext_lazy("Figures add up"), required=False)
    public = forms.BooleanField(label=gettext_lazy("Everybody may see it"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["unit"].help_text = _("For example: people, %, rupiah, vehicles a day.")
        self.fields["source"].help_text = _("Who made the data, and for which year.")
        self.fields["sums"].help_text = _("Leave this out for shares and means: they are averaged by population.")
        self.fields["public"].help_text = _("Otherwise only members of the city see it.")

    def clean(self) -> dict[str, Any]:
        for name in ("name", "unit", "source"):
            if str(self.cleaned_data.get(name, "")).startswith(FORMULA):
                self.add_error(name, _("This begins with a sign that spreadsheets run as a formula."))
        return self.cleaned_data


class UploadForm(DescribeForm):
    """A file for a new dataset; for one that there is only the file is asked for."""

    file = forms.FileField(label=gettext_lazy("File"))
    topic = forms.ChoiceField(label=gettext_lazy("What it is about"), choices=Topic.choices)
    shape = forms.ChoiceField(label=gettext_lazy("What a line is"), choices=Shape.choices, widget=forms.RadioSelect)
    field_order = ("file", "name", "topic", "shape", "unit", "source", "sums", "public")

    def __init__(self, *args: Any, dataset: Dataset | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["file"].help_text = _("CSV, XLSX, GeoJSON or Parquet; at most 25 MB and 50,000 rows.")
        for name in [*self.fields] if dataset else ():
            if name != "file":
                del self.fields[name]

    def described(self) -> dict[str, Any]:
        """The fields of a new dataset."""
        return {name: value for name, value in self.cleaned_data.items() if name != "file"}


class ColumnsForm(forms.Form):
    """One choice of a column for each meaning, then how numbers are written, then near misses to say yes to."""

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
        self, city: CityFacts, shape: str, table: Table, columns: Columns, found: Joined, *args: Any, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.city, self.shape, self.columns, self.names = city, shape, columns, table.columns
        choices = [("-1", _("– none –")), *((str(at), name) for at, name in enumerate(table.columns))]
        for meaning in meanings(shape):
            initial = str(columns.at.get(meaning, -1))
            field = forms.ChoiceField(label=MEANINGS[meaning], choices=choices, initial=initial)
            self.fields[f"col_{meaning}"] = field
        self.fields["parts"].choices = choices[1:]  # type: ignore[attr-defined]
        self.fields["parts"].initial = [str(position) for position, _name in columns.parts]
        self.fields["decimal"].initial, self.fields["level"].initial = columns.decimal, columns.level
        if shape == Shape.PLACES:
            del self.fields["decimal"], self.fields["level"], self.fields["parts"]
        self.near = list(found.near.items())[:30]
        for at, (_key, miss) in enumerate(self.near):
            self._ask(at, miss)
        self.order_fields([*(f"col_{meaning}" for meaning in meanings(shape)), "decimal", "level", "parts"])

    def _ask(self, at: int, miss: dict[str, Any]) -> None:
        near = [("", _("– none of these –")), *((one["code"], one["name"]) for one in miss["near"])]
        label = _("“%(name)s” means") % {"name": miss["what"]}
        self.fields[f"near_{at}"] = forms.ChoiceField(label=label, choices=near, required=False)

    def clean(self) -> dict[str, Any]:
        for meaning in NEEDED[Shape(self.shape)]:
            if self.cleaned_data.get(f"col_{meaning}") == "-1":
                self.add_error(f"col_{meaning}", _("This column is needed."))
        names = [self.cleaned_data.get(f"col_{meaning}") for meaning in ("code", "area")]
        if self.shape == Shape.FIGURES and names == ["-1", "-1"]:
            self.add_error("col_code", _("A code or a name must say which area a line is about."))
        return self.cleaned_data

    def chosen(self) -> Columns:
        """What was said; call it when the form is valid."""
        said = self.cleaned_data
        at = {meaning: int(said[f"col_{meaning}"]) for meaning in meanings(self.shape)}
        yes = {key: said[f"near_{n}"] for n, (key, _miss) in enumerate(self.near) if said.get(f"near_{n}")}
        level, aliases = said.get("level") or "kelurahan", {**self.columns.aliases, **yes}
        return Columns(at, said.get("decimal") or ".", level, aliases, self._parts(set(at.values())))

    def _parts(self, taken: set[int]) -> list[tuple[int, str]]:
        """What was ticked and is not something else already, by the names of the file."""
        ticked = [int(position) for position in self.cleaned_data.get("parts", ())]
        return [(at, self.names[at].lstrip("=+-@ ") or f"kolom {at + 1}") for at in ticked if at not in taken][
            :MOST_PARTS
        ]
