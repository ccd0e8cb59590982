"""A file comes in, a person says what its columns are, and only then it becomes a version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qlue.atlas import actions
from qlue.atlas.files.intake import NOTES, Table, refusal
from qlue.atlas.files.limits import Unreadable
from qlue.atlas.forms import ColumnsForm, UploadForm
from qlue.atlas.joining.join import Joined, joined
from qlue.atlas.joining.mapping import Columns, columns_from
from qlue.atlas.models import Dataset, Version
from qlue.atlas.views.common import city_in, dataset_of, who
from qlue.atlas.words import told
from qlue.people.rights import member_required

PREVIEW = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_data")
def upload(request: HttpRequest, city_slug: str) -> HttpResponse:
    """A file for a new dataset, or with `?untuk=` for the next version of one."""
    slug = request.GET.get("untuk", "")
    dataset = dataset_of(request, slug) if slug else None
    form = UploadForm(request.POST or None, request.FILES or None, dataset=dataset, initial={"sums": True})
    if request.method == "POST" and form.is_valid():
        draft = _received(request, form, dataset)
        if draft:
            return redirect("dataset-draft", city_slug=city_slug, number=draft.id)
    context = {"form": form, "dataset": dataset}
    return render(request, "atlas/upload.html", context, status=422 if form.errors else 200)


def _received(request: HttpRequest, form: UploadForm, dataset: Dataset | None) -> Version | None:
    """The file is read first: a dataset without a readable file is not made."""
    here, file = city_in(request), form.cleaned_data["file"]
    try:
        table, digest = actions.read_upload(file)
    except Unreadable as refused:
        form.add_error("file", refusal(refused))
        return None
    dataset = dataset or actions.new_dataset(here, **form.described())
    return actions.receive(
        city=here, dataset=dataset, table=table, digest=digest, name=file.name or "", by=who(request)
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_data")
def draft(request: HttpRequest, city_slug: str, number: int) -> HttpResponse:
    """The preview: what each column means, what would match, what not and why. Keeping it is one button."""
    here = city_in(request)
    one = Version.objects.filter(city_id=here.id, pk=number, number__isnull=True).select_related("dataset").first()
    if one is None:
        raise Http404(number)
    if "discard" in request.POST:
        return _discarded(request, one)
    table, columns = actions.table_in(one), columns_from(one.mapping)
    found = joined(here, table, columns, one.dataset.shape)
    form = ColumnsForm(here, one.dataset.shape, table, columns, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _said(request, one, form.chosen())
    return _shown(request, one, table, found, form)


def _discarded(request: HttpRequest, one: Version) -> HttpResponse:
    actions.discard(one)
    messages.success(request, _("The upload was let go. Nothing has changed."))
    return redirect("datasets", city_slug=city_in(request).slug)


def _said(request: HttpRequest, one: Version, columns: Columns) -> HttpResponse:
    here = city_in(request)
    if "swap" in request.POST:
        columns = Columns({**columns.at, "lon": columns.at["lat"], "lat": columns.at["lon"]})
    if "keep" not in request.POST:
        one.mapping = columns.to_json()
        one.save(update_fields=["mapping"])
        return redirect("dataset-draft", city_slug=here.slug, number=one.id)
    found = actions.keep(city=here, draft=one, columns=columns, by=who(request))
    if not found.matched:
        messages.error(request, _("Not one line matches, so nothing was kept."))
        return redirect("dataset-draft", city_slug=here.slug, number=one.id)
    words = ngettext(
        "%(n)d line is part of the city's data now.", "%(n)d lines are part of the city's data now.", found.matched
    )
    messages.success(request, words % {"n": found.matched})
    return redirect("dataset", city_slug=here.slug, slug=one.dataset.slug)


def _shown(request: HttpRequest, one: Version, table: Table, found: Joined, form: ColumnsForm) -> HttpResponse:
    context: dict[str, Any] = {
        "draft": one,
        "dataset": one.dataset,
        "form": form,
        "columns": table.columns,
        "lines": table.rows[:PREVIEW],
        "notes": [NOTES[key] for key in table.notes if key in NOTES],
        "report": told(found.report()),
        "chosen": [field for field in form if field.name.startswith("col_") or field.name in ("decimal", "level")],
        "parts": form["parts"] if "parts" in form.fields else None,
        "near": [field for field in form if field.name.startswith("near_")],
    }
    return render(request, "atlas/draft.html", context, status=422 if form.errors else 200)
