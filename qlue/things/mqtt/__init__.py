"""MQTT 3.1.1 for devices: they hand in readings and hear their commands; nothing else passes through here."""
