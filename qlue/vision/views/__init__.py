"""The pages of cameras, one file for what each is about."""
