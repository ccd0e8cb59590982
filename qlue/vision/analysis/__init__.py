"""From the boxes of a camera or of a file to crossings, signals and numbers."""
