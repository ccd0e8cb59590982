from django.urls import path

from qlue.dashboard.views import brief, desks, exports, landing, pages

urlpatterns = [
    path("", landing.national, name="national"),
    path("<slug:city_slug>/", landing.city_page, name="city"),
    path("<slug:city_slug>/dasbor/", pages.dashboard, name="dashboard"),
    path("<slug:city_slug>/dasbor/layar/", pages.screen, name="dashboard-screen"),
    path("<slug:city_slug>/dasbor/wilayah.json", pages.area_numbers, name="dashboard-areas"),
    path("<slug:city_slug>/dasbor/unduh/", exports.export_reports, name="reports-export"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan/", brief.brief_page, name="brief"),
    path("<slug:city_slug>/dasbor/ringkasan-pekan/kirim/", brief.brief_subscription, name="brief-mail"),
    path(
        "<slug:city_slug>/dasbor/ringkasan-pekan/henti/<int:number>/<str:token>/", brief.stop_brief, name="brief-stop"
    ),
    path("<slug:city_slug>/dasbor/ringkasan-pekan.pdf", brief.brief_pdf, name="brief-pdf"),
    path("<slug:city_slug>/dasbor/meja/", desks.desk_numbers, name="desk-counts"),
    path("<slug:city_slug>/dasbor/kotak/<slug:name>/", pages.tile_fragment, name="dashboard-tile"),
]
