"""The city's data. `unggah`, `draf` and `indikator` are no names of datasets (`actions.RESERVED`)."""

from django.urls import path

from qlue.atlas.views import exports, layers, shelf, upload

urlpatterns = [
    path("<slug:city>/data/", shelf.shelf, name="datasets"),
    path("<slug:city>/data/unggah/", upload.upload, name="dataset-upload"),
    path("<slug:city>/data/draf/<int:number>/", upload.draft, name="dataset-draft"),
    path("<slug:city>/data/indikator/", exports.indicators_file, name="indicators-export"),
    path("<slug:city>/data/<slug:slug>/", shelf.dataset, name="dataset"),
    path("<slug:city>/data/<slug:slug>/ubah/", shelf.describe, name="dataset-describe"),
    path("<slug:city>/data/<slug:slug>/hapus/", shelf.remove, name="dataset-remove"),
    path("<slug:city>/data/<slug:slug>/versi/<int:number>/", shelf.hold, name="dataset-hold"),
    path("<slug:city>/data/<slug:slug>/unduh/", exports.dataset_file, name="dataset-export"),
    path("<slug:city>/data/<slug:slug>/lapisan.geojson", layers.layer, name="dataset-layer"),
    path("<slug:city>/data/<slug:slug>/wilayah.json", layers.areas, name="dataset-areas"),
]
