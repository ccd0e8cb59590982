"""Reading a city pack from its folder: no database here. `read.read_pack` is the way in."""
