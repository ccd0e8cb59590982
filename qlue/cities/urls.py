from django.urls import path

from qlue.cities import views

urlpatterns = [
    path("<slug:city_slug>/wilayah.geojson", views.boundaries, name="boundaries"),
]
