"""Pages of people at work. The fixed words come first; a case's code never looks like one of them."""

from django.urls import path

from qlue.work.views import case, notices, queue

urlpatterns = [
    path("<slug:city>/kerja/", queue.queue, name="queue"),
    path("<slug:city>/kerja/terima/", queue.accept_many, name="accept-many"),
    path("<slug:city>/kerja/kabar/", notices.inbox, name="notices"),
    path("<slug:city>/kerja/kabar/lonceng/", notices.bell, name="bell"),
    path("<slug:city>/kerja/<str:code>/", case.case, name="case"),
    path("<slug:city>/kerja/<str:code>/lihat/<slug:what>/", case.case_look, name="case-look"),
    path("<slug:city>/kerja/<str:code>/<slug:verb>/", case.case_move, name="case-move"),
]
