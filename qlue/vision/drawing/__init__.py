"""Pictures for people: blurred where somebody could be recognised, with boxes and marks where they help."""
