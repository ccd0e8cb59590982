"""Pages of cameras. The fixed words come first; a camera is a number."""

from django.urls import path

from qlue.vision.views import camera, desk, edit, events

urlpatterns = [
    path("<slug:city_slug>/kamera/", desk.camera_desk, name="cameras"),
    path("<slug:city_slug>/kamera/lalu-lintas.geojson", desk.traffic_layer, name="camera-traffic"),
    path("<slug:city_slug>/kamera/baru/", edit.new_camera, name="camera-new"),
    path("<slug:city_slug>/kamera/kejadian/", events.camera_events, name="camera-events"),
    path("<slug:city_slug>/kamera/kejadian/<int:event_id>/", events.decide_event, name="camera-event"),
    path(
        "<slug:city_slug>/kamera/kejadian/<int:event_id>/<slug:size>.jpg", events.event_photo, name="camera-event-photo"
    ),
    path("<slug:city_slug>/kamera/<int:camera_id>/", camera.camera_page, name="camera"),
    path("<slug:city_slug>/kamera/<int:camera_id>/ubah/", edit.change_camera, name="camera-change"),
    path("<slug:city_slug>/kamera/<int:camera_id>/garis/", edit.edit_marks, name="camera-marks"),
    path("<slug:city_slug>/kamera/<int:camera_id>/nyala/", camera.switch_camera, name="camera-switch"),
    path("<slug:city_slug>/kamera/<int:camera_id>/gambar.jpg", camera.camera_snapshot, name="camera-snapshot"),
    path("<slug:city_slug>/kamera/<int:camera_id>/langsung.mjpg", camera.live_stream, name="camera-live"),
    path("<slug:city_slug>/kamera/<int:camera_id>/menit.csv", camera.minutes_csv, name="camera-series"),
]
