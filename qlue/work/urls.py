"""Pages of people at work. The fixed words come first; a case's code never looks like one of them."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from qlue.work.views import (
    case,
    crews,
    dispatch,
    field,
    notices,
    orders,
    proofs,
    queue,
    referral_answer,
    referrals,
    scores,
    transfers,
)


class Number(IntConverter):
    """An id that a bigint can hold: longer ones are no address."""

    regex = "[0-9]{1,18}"


register_converter(Number, "number")

# The names of addresses stay, whatever the views are called: templates and other rooms look them up by name.
urlpatterns = [
    path("<slug:city_slug>/kerja/", queue.queue_page, name="queue"),
    path("<slug:city_slug>/kerja/terima/", queue.accept_many, name="accept-many"),
    path("<slug:city_slug>/kerja/kabar/", notices.inbox, name="notices"),
    path("<slug:city_slug>/kerja/kabar/lonceng/", notices.bell_fragment, name="bell"),
    path("<slug:city_slug>/kerja/perintah/", orders.orders_page, name="orders"),
    path("<slug:city_slug>/kerja/perintah/saran/", dispatch.dispatch_page, name="dispatch"),
    path("<slug:city_slug>/kerja/perintah/saran/beri/", dispatch.accept_suggestions, name="dispatch-accept"),
    path("<slug:city_slug>/kerja/regu/", crews.crews_page, name="crews"),
    path("<slug:city_slug>/kerja/regu/baru/", crews.crew_page, name="crew-new"),
    path("<slug:city_slug>/kerja/regu/<number:number>/", crews.crew_page, name="crew"),
    path("<slug:city_slug>/kerja/regu/cuti/", crews.leave_new, name="leave-new"),
    path("<slug:city_slug>/kerja/regu/cuti/<number:number>/hapus/", crews.leave_drop, name="leave-drop"),
    path("<slug:city_slug>/kerja/perintah/<number:number>/", orders.order_page, name="order"),
    path("<slug:city_slug>/kerja/perintah/<number:number>/<slug:verb>/", orders.order_transition, name="order-move"),
    path("<slug:city_slug>/kerja/perintah/baru/<str:code>/", orders.order_new, name="order-new"),
    path("<slug:city_slug>/kerja/pelimpahan/", transfers.transfers_page, name="handovers"),
    path("<slug:city_slug>/kerja/pelimpahan/<number:number>/", transfers.transfer_page, name="handover"),
    path(
        "<slug:city_slug>/kerja/pelimpahan/<number:number>/<slug:verb>/", transfers.transfer_action, name="handover-act"
    ),
    path("<slug:city_slug>/kerja/pelimpahan/baru/<str:code>/", transfers.transfer_new, name="handover-new"),
    path("<slug:city_slug>/kerja/pelimpahan/luar/<str:code>/", referrals.referral_new, name="outside-new"),
    path(
        "<slug:city_slug>/kerja/pelimpahan/tautan/<number:number>/<slug:verb>/",
        referrals.referral_action,
        name="outside-act",
    ),
    path(
        "<slug:city_slug>/otoritas/<uuid:uuid>/<str:token>/",
        referral_answer.referral_answer_page,
        name="outside-answer",
    ),
    path("<slug:city_slug>/kerja/lapangan/", field.field_page, name="field"),
    path(
        "<slug:city_slug>/kerja/lapangan/<number:order>/<slug:verb>/", field.field_order_transition, name="field-order"
    ),
    path("<slug:city_slug>/kerja/rapor/", scores.scorecards_page, name="scorecards"),
    path("<slug:city_slug>/kerja/rapor/rapor.csv", scores.scorecards_csv, name="scorecards-csv"),
    path("<slug:city_slug>/kerja/rapor/saya/", scores.scorecard_own, name="scorecard-own"),
    path("<slug:city_slug>/kerja/rapor/keberatan/", scores.objection_new, name="objection"),
    path("<slug:city_slug>/kerja/rapor/keberatan/<number:number>/", scores.objection_answer, name="objection-answer"),
    path("<slug:city_slug>/kerja/bukti/", proofs.proofs_page, name="proofs"),
    path("<slug:city_slug>/kerja/bukti/<number:proof>/", proofs.proof_review, name="proof-review"),
    # Last: a code could be any of the words above.
    path("<slug:city_slug>/kerja/<str:code>/", case.case_page, name="case"),
    path("<slug:city_slug>/kerja/<str:code>/lihat/<slug:part>/", case.case_reveal, name="case-look"),
    path("<slug:city_slug>/kerja/<str:code>/<slug:verb>/", case.case_transition, name="case-move"),
]
