"""What a city learns from its reports. A folder for each question:

`hotspots` (where it gathers), `forecasts` (what is coming), `sorting` (which category and agency words mean),
`duplicates` (which reports mean the same), `policy` (what the city could do, and what came of it).
`actions.runs` computes the night, `actions.learning` lets models compete (`contest`), `serving` says which one serves,
`backtest` measures on Chicago.
"""
