"""Pages of insight: members only, but for the suggestions to who is reporting."""

from django.urls import path

from qlue.insight.views import deciding, library, overview, sorting

urlpatterns = [
    path("<slug:city_slug>/wawasan/", overview.overview, name="insight"),
    path("<slug:city_slug>/wawasan/titik-rawan.json", overview.spots, name="hotspot-layer"),
    path("<slug:city_slug>/wawasan/rekomendasi/<int:number>/", deciding.option, name="insight-option"),
    path("<slug:city_slug>/wawasan/rekomendasi/<int:number>/titik.json", deciding.sites, name="insight-sites"),
    path("<slug:city_slug>/wawasan/catat/", deciding.record, name="insight-record"),
    path("<slug:city_slug>/wawasan/keputusan/<int:number>/batal/", deciding.withdraw, name="insight-withdraw"),
    path("<slug:city_slug>/wawasan/program/", library.shelf, name="insight-library"),
    path("<slug:city_slug>/wawasan/program/baru/", library.edit, name="insight-act-new"),
    path("<slug:city_slug>/wawasan/program/<slug:slug>/", library.edit, name="insight-act"),
    path("<slug:city_slug>/saran/", sorting.suggest, name="suggest"),
    path("<slug:city_slug>/wawasan/model/", sorting.models, name="insight-models"),
    path("<slug:city_slug>/wawasan/antrean/", sorting.queue_hints, name="queue-hints"),
    path("<slug:city_slug>/wawasan/kasus/<str:code>/", sorting.case_hint, name="case-hint"),
]
