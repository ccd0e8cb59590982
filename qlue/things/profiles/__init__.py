"""Device profiles: the fields a kind of device measures, its alarm rules, and the kinds every city starts with."""
