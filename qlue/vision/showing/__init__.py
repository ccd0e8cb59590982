"""Pictures for people: blurred where somebody could be recognised, with boxes where that helps."""
