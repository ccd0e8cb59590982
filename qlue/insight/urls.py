"""Addresses of insight: for members only, except the suggestions while somebody types a report."""

from django.urls import path

from qlue.insight.views import decisions, hints, library, overview, suggestions, trained_models

urlpatterns = [
    path("<slug:city_slug>/wawasan/", overview.insight_page, name="insight"),
    path("<slug:city_slug>/wawasan/titik-rawan.json", overview.hotspots_geojson, name="hotspot-layer"),
    path("<slug:city_slug>/wawasan/rekomendasi/<int:number>/", decisions.option_page, name="insight-option"),
    path("<slug:city_slug>/wawasan/rekomendasi/<int:number>/titik.json", decisions.option_sites, name="insight-sites"),
    path("<slug:city_slug>/wawasan/catat/", decisions.record_page, name="insight-record"),
    path(
        "<slug:city_slug>/wawasan/keputusan/<int:number>/batal/", decisions.submit_withdrawal, name="insight-withdraw"
    ),
    path("<slug:city_slug>/wawasan/program/", library.library_page, name="insight-library"),
    path("<slug:city_slug>/wawasan/program/baru/", library.edit_intervention, name="insight-act-new"),
    path("<slug:city_slug>/wawasan/program/<slug:slug>/", library.edit_intervention, name="insight-act"),
    path("<slug:city_slug>/saran/", suggestions.suggest_while_typing, name="suggest"),
    path("<slug:city_slug>/wawasan/model/", trained_models.models_page, name="insight-models"),
    path("<slug:city_slug>/wawasan/antrean/", hints.queue_hints, name="queue-hints"),
    path("<slug:city_slug>/wawasan/kasus/<str:code>/", hints.case_hint, name="case-hint"),
]
