"""The detector's network: fetched once, converted and quantised here, kept below the home."""
