"""Open311 GeoReport v2, read and write, for every city: https://wiki.open311.org/GeoReport_v2

The city is `jurisdiction_id`. Beyond the standard: `page` and `page_size`, `locale`, a photo as multipart field
`media`, and `attribute[uuid]` with which a repeated POST is harmless.
"""
