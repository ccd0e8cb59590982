"""The pages of cameras."""
