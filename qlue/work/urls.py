"""Pages of people at work. The fixed words come first; a case's code never looks like one of them."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from qlue.work.views import case, crews, dispatch, field, notices, orders, outside, passing, proofs, queue, scores


class Number(IntConverter):
    """An id that a bigint can hold: longer ones are no address."""

    regex = "[0-9]{1,18}"


register_converter(Number, "number")

urlpatterns = [
    path("<slug:city_slug>/kerja/", queue.queue, name="queue"),
    path("<slug:city_slug>/kerja/terima/", queue.accept_many, name="accept-many"),
    path("<slug:city_slug>/kerja/kabar/", notices.inbox, name="notices"),
    path("<slug:city_slug>/kerja/kabar/lonceng/", notices.bell, name="bell"),
    path("<slug:city_slug>/kerja/perintah/", orders.orders, name="orders"),
    path("<slug:city_slug>/kerja/perintah/saran/", dispatch.dispatch, name="dispatch"),
    path("<slug:city_slug>/kerja/perintah/saran/beri/", dispatch.dispatch_accept, name="dispatch-accept"),
    path("<slug:city_slug>/kerja/regu/", crews.crews, name="crews"),
    path("<slug:city_slug>/kerja/regu/baru/", crews.crew, name="crew-new"),
    path("<slug:city_slug>/kerja/regu/<number:number>/", crews.crew, name="crew"),
    path("<slug:city_slug>/kerja/regu/cuti/", crews.leave_new, name="leave-new"),
    path("<slug:city_slug>/kerja/regu/cuti/<number:number>/hapus/", crews.leave_drop, name="leave-drop"),
    path("<slug:city_slug>/kerja/perintah/<number:number>/", orders.order, name="order"),
    path("<slug:city_slug>/kerja/perintah/<number:number>/<slug:verb>/", orders.order_move, name="order-move"),
    path("<slug:city_slug>/kerja/perintah/baru/<str:code>/", orders.order_new, name="order-new"),
    path("<slug:city_slug>/kerja/pelimpahan/", passing.handovers, name="handovers"),
    path("<slug:city_slug>/kerja/pelimpahan/<number:number>/", passing.handover, name="handover"),
    path("<slug:city_slug>/kerja/pelimpahan/<number:number>/<slug:verb>/", passing.handover_act, name="handover-act"),
    path("<slug:city_slug>/kerja/pelimpahan/baru/<str:code>/", passing.handover_new, name="handover-new"),
    path("<slug:city_slug>/kerja/pelimpahan/luar/<str:code>/", passing.outside_new, name="outside-new"),
    path(
        "<slug:city_slug>/kerja/pelimpahan/tautan/<number:number>/<slug:verb>/", passing.outside_act, name="outside-act"
    ),
    path("<slug:city_slug>/otoritas/<uuid:uuid>/<str:token>/", outside.outside_answer, name="outside-answer"),
    path("<slug:city_slug>/kerja/lapangan/", field.field, name="field"),
    path("<slug:city_slug>/kerja/lapangan/<number:order>/<slug:verb>/", field.field_order, name="field-order"),
    path("<slug:city_slug>/kerja/rapor/", scores.scorecards, name="scorecards"),
    path("<slug:city_slug>/kerja/rapor/rapor.csv", scores.scorecards_csv, name="scorecards-csv"),
    path("<slug:city_slug>/kerja/rapor/saya/", scores.scorecard_own, name="scorecard-own"),
    path("<slug:city_slug>/kerja/rapor/keberatan/", scores.objection, name="objection"),
    path("<slug:city_slug>/kerja/rapor/keberatan/<number:number>/", scores.objection_answer, name="objection-answer"),
    path("<slug:city_slug>/kerja/bukti/", proofs.proofs, name="proofs"),
    path("<slug:city_slug>/kerja/bukti/<number:proof>/", proofs.proof_review, name="proof-review"),
    path("<slug:city_slug>/kerja/<str:code>/", case.case, name="case"),
    path("<slug:city_slug>/kerja/<str:code>/lihat/<slug:what>/", case.case_look, name="case-look"),
    path("<slug:city_slug>/kerja/<str:code>/<slug:verb>/", case.case_move, name="case-move"),
]
