"""From boxes of single frames to tracks of things that go on existing."""
