"""What a city learns from its reports. A folder for each question:

`hotspots` (where reports gather), `forecasts` (how many will come), `sorting` (which category and agency words mean),
`duplicates` (which reports mean the same), `policy` (what the city could do, and what came of it).
`actions.runs` computes a night, `actions.retrain` trains the models, `registry` stores them and says which one serves.
`qlue bench insight` measures all of it on Chicago's reports.
"""
