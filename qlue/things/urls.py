"""Pages of sensors and alarms. A device's own pages lie below `alat`, so that no id is taken for a page."""

from django.urls import path

from qlue.things.views import alarms, devices, manage

urlpatterns = [
    path("<slug:city_slug>/sensor/", devices.devices, name="devices"),
    path("<slug:city_slug>/sensor/titik.json", devices.device_points, name="device-points"),
    path("<slug:city_slug>/sensor/sensor.geojson", devices.device_layer, name="device-layer"),
    path("<slug:city_slug>/sensor/baru/", manage.device_new, name="device-new"),
    path("<slug:city_slug>/sensor/impor/", manage.device_import, name="device-import"),
    path("<slug:city_slug>/sensor/ekspor.csv", manage.device_export, name="device-export"),
    path("<slug:city_slug>/sensor/jenis/", manage.kinds, name="device-kinds"),
    path("<slug:city_slug>/sensor/jenis/<slug:slug>/", manage.kind_edit, name="device-kind"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/", devices.device, name="device"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/seri.json", devices.device_series, name="device-series"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/ubah/", manage.device_edit, name="device-edit"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/token/", manage.device_token, name="device-token"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/perintah/", devices.device_command, name="device-command"),
    path("<slug:city_slug>/sensor/alat/<slug:key>/senyap/", alarms.device_silence, name="device-silence"),
    path("<slug:city_slug>/alarm/", alarms.alarms, name="alarms"),
    path("<slug:city_slug>/alarm/<int:number>/terima/", alarms.alarm_seen, name="alarm-seen"),
    path("<slug:city_slug>/alarm/senyap/<int:number>/akhiri/", alarms.silence_end, name="silence-end"),
]
