"""From a picture to boxes: the network's answer read, overlaps removed."""
