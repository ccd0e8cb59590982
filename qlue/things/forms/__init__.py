"""What people fill in: devices and files of them, profiles with their alarm rules, silences, commands."""
