"""The city's data. `unggah`, `draf` and `indikator` are no names of datasets (`actions.RESERVED`)."""

from django.urls import path

from qlue.atlas.views import exports, layers, shelf, upload

urlpatterns = [
    path("<slug:city_slug>/data/", shelf.shelf, name="datasets"),
    path("<slug:city_slug>/data/unggah/", upload.upload, name="dataset-upload"),
    path("<slug:city_slug>/data/draf/<int:number>/", upload.draft, name="dataset-draft"),
    path("<slug:city_slug>/data/indikator/", exports.indicators_file, name="indicators-export"),
    path("<slug:city_slug>/data/<slug:slug>/", shelf.dataset, name="dataset"),
    path("<slug:city_slug>/data/<slug:slug>/ubah/", shelf.describe, name="dataset-describe"),
    path("<slug:city_slug>/data/<slug:slug>/hapus/", shelf.remove, name="dataset-remove"),
    path("<slug:city_slug>/data/<slug:slug>/versi/<int:number>/", shelf.hold, name="dataset-hold"),
    path("<slug:city_slug>/data/<slug:slug>/unduh/", exports.dataset_file, name="dataset-export"),
    path("<slug:city_slug>/data/<slug:slug>/lapisan.geojson", layers.layer, name="dataset-layer"),
    path("<slug:city_slug>/data/<slug:slug>/wilayah.json", layers.areas, name="dataset-areas"),
]
