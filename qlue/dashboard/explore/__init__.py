"""The dashboard under a filter: from the city down to kecamatan, kelurahan and case, all of it in the address."""
