"""Classification of reports by their words: which category they mean, which agency they are for."""
