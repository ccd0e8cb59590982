from django.urls import path

from qlue.dashboard.views import brief, desks, exports, pages

urlpatterns = [
    path("", pages.national, name="national"),
    path("<slug:city_slug>/", pages.city, name="city"),
    path("<slug:city_slug>/dasbor/", pages.dashboard, name="dashboard"),
    path("<slug:city_slug>/dasbor/layar/", pages.screen, name="dashboard-screen"),
    path("<slug:city_slug>/dasbor/wilayah.json", pages.area_numbers, name="dashboard-areas"),
    path("<slug:city_slug>/dasbor/unduh/", exports.reports_file, name="reports-export"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan/", brief.page, name="brief"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan/kirim/", brief.by_mail, name="brief-mail"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan/henti/<int:number>/<str:token>/", brief.stop, name="brief-stop"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan.pdf", brief.pdf, name="brief-pdf"),
    path("<slug:city_slug>/dasbor/meja/", desks.counts, name="desk-counts"),
    path("<slug:city_slug>/dasbor/kotak/<slug:name>/", pages.tile, name="dashboard-tile"),
]
