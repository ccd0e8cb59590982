from django.urls import path

from qlue.reports.views import data, feeds, follow, list, new, page, personal, photos, support

urlpatterns = [
    path("<slug:city_slug>/lapor/", new.report_new, name="report-new"),
    path("<slug:city_slug>/lapor/bansos/", new.report_new, name="report-aid"),
    path("<slug:city_slug>/lapor/kategori/", new.category_search, name="report-categories"),
    path("<slug:city_slug>/laporan/", list.report_list, name="report-list"),
    path("<slug:city_slug>/laporan.json", data.reports_json, name="report-json"),
    path("<slug:city_slug>/laporan.rss", feeds.rss, name="report-rss"),
    path("<slug:city_slug>/laporan.atom", feeds.atom, name="report-atom"),
    path("<slug:city_slug>/peta.json", data.map_json, name="report-map"),
    path("<slug:city_slug>/foto/<uuid:photo>/<slug:size>.jpg", photos.report_photo, name="photo"),
    path("<slug:city_slug>/laporan/<str:code>/", page.report, name="report"),
    path("<slug:city_slug>/laporan/<str:code>/dukung/", support.voice, name="report-support"),
    path("<slug:city_slug>/laporan/<str:code>/ikuti/<str:token>/", follow.follow, name="report-follow"),
    path("<slug:city_slug>/laporan/<str:code>/ikuti/<str:token>/data/", personal.personal, name="report-personal"),
]
