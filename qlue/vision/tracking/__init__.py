"""From boxes of single pictures to things that go on existing."""
