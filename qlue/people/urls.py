"""Signing in and out and passwords; allauth's other pages (e-mail lists, sign-in codes) have no address here."""

from allauth.account import views as account
from django.urls import path, re_path

from qlue.people import forms, views

sign_in = account.LoginView.as_view(form_class=forms.SignInForm)
change_password = account.PasswordChangeView.as_view(form_class=forms.NewPasswordForm)
first_password = account.PasswordSetView.as_view(form_class=forms.FirstPasswordForm)
forgotten_password = account.PasswordResetView.as_view(form_class=forms.ForgottenPasswordForm)
password_from_mail = account.PasswordResetFromKeyView.as_view(form_class=forms.PasswordFromMailForm)
confirm_its_you = account.ReauthenticateView.as_view(form_class=forms.ConfirmItsYouForm)

urlpatterns = [
    path("akun/", views.profile, name="profile"),
    path("akun/masuk/", sign_in, name="account_login"),
    path("akun/keluar/", account.logout, name="account_logout"),
    path("akun/daftar/", account.signup, name="account_signup"),
    path("akun/nonaktif/", account.account_inactive, name="account_inactive"),
    path("akun/sandi/konfirmasi/", confirm_its_you, name="account_reauthenticate"),
    path("akun/sandi/ganti/", change_password, name="account_change_password"),
    path("akun/sandi/buat/", first_password, name="account_set_password"),
    path("akun/sandi/lupa/", forgotten_password, name="account_reset_password"),
    path("akun/sandi/lupa/terkirim/", account.password_reset_done, name="account_reset_password_done"),
    path("akun/sandi/baru/selesai/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^akun/sandi/baru/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        password_from_mail,
        name="account_reset_password_from_key",
    ),
    path("<slug:city_slug>/anggota/", views.members_page, name="members"),
    path("<slug:city_slug>/anggota/<int:member_id>/", views.member_change, name="member-change"),
    path("<slug:city_slug>/anggota/<int:member_id>/sandi/", views.member_password, name="member-password"),
]
