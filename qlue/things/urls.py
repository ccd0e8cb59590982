"""Pages of sensors and alarms. A device's own pages lie below `alat`, so that no id is taken for a page."""

from django.urls import path

from qlue.things.views import alarms, devices, manage

urlpatterns = [
    path("<slug:city>/sensor/", devices.devices, name="devices"),
    path("<slug:city>/sensor/titik.json", devices.device_points, name="device-points"),
    path("<slug:city>/sensor/sensor.geojson", devices.device_layer, name="device-layer"),
    path("<slug:city>/sensor/baru/", manage.device_new, name="device-new"),
    path("<slug:city>/sensor/impor/", manage.device_import, name="device-import"),
    path("<slug:city>/sensor/ekspor.csv", manage.device_export, name="device-export"),
    path("<slug:city>/sensor/jenis/", manage.kinds, name="device-kinds"),
    path("<slug:city>/sensor/jenis/<slug:slug>/", manage.kind_edit, name="device-kind"),
    path("<slug:city>/sensor/alat/<slug:key>/", devices.device, name="device"),
    path("<slug:city>/sensor/alat/<slug:key>/seri.json", devices.device_series, name="device-series"),
    path("<slug:city>/sensor/alat/<slug:key>/ubah/", manage.device_edit, name="device-edit"),
    path("<slug:city>/sensor/alat/<slug:key>/token/", manage.device_token, name="device-token"),
    path("<slug:city>/sensor/alat/<slug:key>/perintah/", devices.device_command, name="device-command"),
    path("<slug:city>/sensor/alat/<slug:key>/senyap/", alarms.device_silence, name="device-silence"),
    path("<slug:city>/alarm/", alarms.alarms, name="alarms"),
    path("<slug:city>/alarm/<int:number>/terima/", alarms.alarm_seen, name="alarm-seen"),
    path("<slug:city>/alarm/senyap/<int:number>/akhiri/", alarms.silence_end, name="silence-end"),
]
