"""What pages say about cameras and their events."""
