"""What dashboards show, read in one statement each."""
