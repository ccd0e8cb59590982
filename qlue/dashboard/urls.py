from django.urls import path

from qlue.dashboard import views

urlpatterns = [
    path("", views.national, name="national"),
    path("<slug:city>/", views.city, name="city"),
    path("<slug:city>/dasbor/", views.dashboard, name="dashboard"),
    path("<slug:city>/dasbor/wilayah.json", views.area_numbers, name="dashboard-areas"),
    path("<slug:city>/dasbor/kotak/<slug:name>/", views.tile, name="dashboard-tile"),
]
