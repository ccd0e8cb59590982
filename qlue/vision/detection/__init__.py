"""From a frame to boxes: the network's output decoded, overlaps removed."""
