"""Pages of sensors and alarms. A device's own pages lie below `alat`, so that no key is taken for a page."""

from django.urls import path

from qlue.things.views import alarms, device_admin, devices, profiles

urlpatterns = [
    path("<slug:city_slug>/sensor/", devices.device_list, name="devices"),
    path("<slug:city_slug>/sensor/titik.json", devices.device_points, name="device-points"),
    path("<slug:city_slug>/sensor/sensor.geojson", devices.device_layer, name="device-layer"),
    path("<slug:city_slug>/sensor/baru/", device_admin.device_new, name="device-new"),
    path("<slug:city_slug>/sensor/impor/", device_admin.device_import, name="device-import"),
    path("<slug:city_slug>/sensor/ekspor.csv", device_admin.device_export, name="device-export"),
    path("<slug:city_slug>/sensor/jenis/", profiles.profile_list, name="device-kinds"),
    path("<slug:city_slug>/sensor/jenis/<slug:slug>/", profiles.profile_edit, name="device-kind"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/", devices.device_page, name="device"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/seri.json", devices.device_series, name="device-series"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/ubah/", device_admin.device_edit, name="device-edit"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/token/", device_admin.device_token, name="device-token"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/perintah/", devices.device_command, name="device-command"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/senyap/", alarms.device_silence, name="device-silence"),
    path("<slug:city_slug>/alarm/", alarms.alarm_console, name="alarms"),
    path("<slug:city_slug>/alarm/<int:number>/terima/", alarms.alarm_acknowledge, name="alarm-seen"),
    path("<slug:city_slug>/alarm/senyap/<int:number>/akhiri/", alarms.silence_end, name="silence-end"),
]
