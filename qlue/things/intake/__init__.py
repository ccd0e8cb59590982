"""From a device's bytes to rows: what a message says, what of it is credible, and how it is stored."""
