from django.urls import path

from qlue.dashboard.views import brief, desks, exports, pages

urlpatterns = [
    path("", pages.national, name="national"),
    path("<slug:city>/", pages.city, name="city"),
    path("<slug:city>/dasbor/", pages.dashboard, name="dashboard"),
    path("<slug:city>/dasbor/layar/", pages.screen, name="dashboard-screen"),
    path("<slug:city>/dasbor/wilayah.json", pages.area_numbers, name="dashboard-areas"),
    path("<slug:city>/dasbor/unduh/", exports.reports_file, name="reports-export"),
    path("<slug:city>/dasbor/ringkasan-pekan/", brief.page, name="brief"),
    path("<slug:city>/dasbor/ringkasan-pekan/kirim/", brief.by_mail, name="brief-mail"),
    path("<slug:city>/dasbor/ringkasan-pekan/henti/<int:number>/<str:token>/", brief.stop, name="brief-stop"),
    path("<slug:city>/dasbor/ringkasan-pekan.pdf", brief.pdf, name="brief-pdf"),
    path("<slug:city>/dasbor/meja/", desks.counts, name="desk-counts"),
    path("<slug:city>/dasbor/kotak/<slug:name>/", pages.tile, name="dashboard-tile"),
]
