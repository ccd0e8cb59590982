"""The city's trained models: how they are stored, which one serves, and how a training's result is kept."""
