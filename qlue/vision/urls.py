"""Pages of cameras. The fixed words come first; a camera is a number."""

from django.urls import path

from qlue.vision.views import camera, desk, edit, events

urlpatterns = [
    path("<slug:city_slug>/kamera/", desk.desk, name="cameras"),
    path("<slug:city_slug>/kamera/lalu-lintas.geojson", desk.traffic, name="camera-traffic"),
    path("<slug:city_slug>/kamera/baru/", edit.new, name="camera-new"),
    path("<slug:city_slug>/kamera/kejadian/", events.events, name="camera-events"),
    path("<slug:city_slug>/kamera/kejadian/<int:event>/", events.decide, name="camera-event"),
    path("<slug:city_slug>/kamera/kejadian/<int:event>/<slug:size>.jpg", events.photo, name="camera-event-photo"),
    path("<slug:city_slug>/kamera/<int:camera>/", camera.camera, name="camera"),
    path("<slug:city_slug>/kamera/<int:camera>/ubah/", edit.change, name="camera-change"),
    path("<slug:city_slug>/kamera/<int:camera>/garis/", edit.marks, name="camera-marks"),
    path("<slug:city_slug>/kamera/<int:camera>/nyala/", camera.switch, name="camera-switch"),
    path("<slug:city_slug>/kamera/<int:camera>/gambar.jpg", camera.snapshot, name="camera-snapshot"),
    path("<slug:city_slug>/kamera/<int:camera>/langsung.mjpg", camera.live, name="camera-live"),
    path("<slug:city_slug>/kamera/<int:camera>/menit.csv", camera.series, name="camera-series"),
]
