"""Addresses of the city's data. `unggah`, `draf` and `indikator` are no slugs of datasets (`RESERVED_SLUGS`)."""

from django.urls import path

from qlue.atlas.views import datasets, exports, layers, upload

urlpatterns = [
    path("<slug:city_slug>/data/", datasets.dataset_list, name="datasets"),
    path("<slug:city_slug>/data/unggah/", upload.upload_page, name="dataset-upload"),
    path("<slug:city_slug>/data/draf/<int:number>/", upload.draft_page, name="dataset-draft"),
    path("<slug:city_slug>/data/indikator/", exports.indicators_file, name="indicators-export"),
    path("<slug:city_slug>/data/<slug:slug>/", datasets.dataset_page, name="dataset"),
    path("<slug:city_slug>/data/<slug:slug>/ubah/", datasets.edit_description, name="dataset-describe"),
    path("<slug:city_slug>/data/<slug:slug>/hapus/", datasets.delete_dataset, name="dataset-remove"),
    path("<slug:city_slug>/data/<slug:slug>/versi/<int:number>/", datasets.select_version, name="dataset-hold"),
    path("<slug:city_slug>/data/<slug:slug>/unduh/", exports.dataset_file, name="dataset-export"),
    path("<slug:city_slug>/data/<slug:slug>/lapisan.geojson", layers.places_layer, name="dataset-layer"),
    path("<slug:city_slug>/data/<slug:slug>/wilayah.json", layers.area_values_layer, name="dataset-areas"),
]
