from django.urls import path

from qlue.reports.views import data, feeds, follow, list, new, page, personal, photos, support

urlpatterns = [
    path("<slug:city>/lapor/", new.report_new, name="report-new"),
    path("<slug:city>/lapor/bansos/", new.report_new, name="report-aid"),
    path("<slug:city>/lapor/kategori/", new.categories, name="report-categories"),
    path("<slug:city>/laporan/", list.report_list, name="report-list"),
    path("<slug:city>/laporan.json", data.reports_json, name="report-json"),
    path("<slug:city>/laporan.rss", feeds.rss, name="report-rss"),
    path("<slug:city>/laporan.atom", feeds.atom, name="report-atom"),
    path("<slug:city>/peta.json", data.map_json, name="report-map"),
    path("<slug:city>/foto/<uuid:photo>/<slug:size>.jpg", photos.photo, name="photo"),
    path("<slug:city>/laporan/<str:code>/", page.report, name="report"),
    path("<slug:city>/laporan/<str:code>/dukung/", support.voice, name="report-support"),
    path("<slug:city>/laporan/<str:code>/ikuti/<str:token>/", follow.follow, name="report-follow"),
    path("<slug:city>/laporan/<str:code>/ikuti/<str:token>/data/", personal.personal, name="report-personal"),
]
