"""Pages on which a file is uploaded, its columns are given a meaning, and it becomes a version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from qlue.atlas import actions
from qlue.atlas.files.limits import UnreadableFile
from qlue.atlas.files.storage import stored_table
from qlue.atlas.files.table import NOTE_MESSAGES, Table, refusal_message
from qlue.atlas.forms import ColumnsForm, UploadForm
from qlue.atlas.join.mapping import ColumnMapping, mapping_from_json
from qlue.atlas.join.table import JoinResult, join_table
from qlue.atlas.models import Dataset, Version
from qlue.atlas.presentation.labels import join_summary
from qlue.atlas.views.common import account_id, visible_dataset_or_404
from qlue.cities.facts import CityRequest
from qlue.people.rights import member_required

PREVIEW = 8


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_data")
def upload_page(request: CityRequest, city_slug: str) -> HttpResponse:
    """Uploads a file for a new dataset, or with `?untuk=` for the next version of one."""
    slug = request.GET.get("untuk", "")
    dataset = visible_dataset_or_404(request, slug) if slug else None
    form = UploadForm(request.POST or None, request.FILES or None, dataset=dataset, initial={"sums": True})
    if request.method == "POST" and form.is_valid():
        draft = _create_draft(request, form, dataset)
        if draft:
            return redirect("dataset-draft", city_slug=city_slug, number=draft.id)
    context = {"form": form, "dataset": dataset}
    return render(request, "atlas/upload.html", context, status=422 if form.errors else 200)


def _create_draft(request: CityRequest, form: UploadForm, dataset: Dataset | None) -> Version | None:
    """Reads the file before anything is stored: an unreadable one creates no dataset."""
    city, file = request.city, form.cleaned_data["file"]
    try:
        table, digest = actions.read_upload(file)
    except UnreadableFile as error:
        form.add_error("file", refusal_message(error))
        return None
    # A draft that is discarded takes a dataset along that has no version yet.
    dataset = dataset or actions.create_dataset(city, **form.dataset_fields())
    return actions.create_draft(
        city=city, dataset=dataset, table=table, digest=digest, name=file.name or "", actor_id=account_id(request)
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required("manage_data")
def draft_page(request: CityRequest, city_slug: str, number: int) -> HttpResponse:
    """Previews a draft: what each column means, which rows would match, which not and why. One button publishes it."""
    city = request.city
    version = Version.objects.filter(city_id=city.id, pk=number, number__isnull=True).select_related("dataset").first()
    if version is None:
        raise Http404(number)
    if "discard" in request.POST:
        return _discard_draft(request, version)
    table, mapping = stored_table(version), mapping_from_json(version.mapping)
    outcome = join_table(city, table, mapping, version.dataset.shape)
    form = ColumnsForm(city, version.dataset.shape, table, mapping, outcome, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _apply_mapping(request, version, form.chosen_mapping())
    return _render_draft(request, version, table, outcome, form)


def _discard_draft(request: CityRequest, version: Version) -> HttpResponse:
    actions.discard_draft(version)
    messages.success(request, _("The upload was let go. Nothing has changed."))
    return redirect("datasets", city_slug=request.city.slug)


def _apply_mapping(request: CityRequest, version: Version, mapping: ColumnMapping) -> HttpResponse:
    city = request.city
    # Three buttons on one form: swap, check again, keep.
    if "swap" in request.POST:
        mapping = ColumnMapping({**mapping.at, "lon": mapping.at["lat"], "lat": mapping.at["lon"]})
    if "keep" not in request.POST:
        version.mapping = mapping.to_json()
        version.save(update_fields=["mapping"])
        return redirect("dataset-draft", city_slug=city.slug, number=version.id)
    outcome = actions.publish_draft(city=city, draft=version, mapping=mapping, actor_id=account_id(request))
    if not outcome.matched:
        messages.error(request, _("Not one line matches, so nothing was kept."))
        return redirect("dataset-draft", city_slug=city.slug, number=version.id)
    message = ngettext(
        "%(n)d line is part of the city's data now.", "%(n)d lines are part of the city's data now.", outcome.matched
    )
    messages.success(request, message % {"n": outcome.matched})
    return redirect("dataset", city_slug=city.slug, slug=version.dataset.slug)


def _render_draft(
    request: HttpRequest, version: Version, table: Table, outcome: JoinResult, form: ColumnsForm
) -> HttpResponse:
    context: dict[str, Any] = {
        "draft": version,
        "dataset": version.dataset,
        "form": form,
        "columns": table.columns,
        "lines": table.rows[:PREVIEW],
        "notes": [NOTE_MESSAGES[key] for key in table.notes if key in NOTE_MESSAGES],
        "report": join_summary(outcome.report()),
        "chosen": [field for field in form if field.name.startswith("col_") or field.name in ("decimal", "level")],
        "parts": form["parts"] if "parts" in form.fields else None,
        "near": [field for field in form if field.name.startswith("near_")],
    }
    return render(request, "atlas/draft.html", context, status=422 if form.errors else 200)
