"""Roll-ups: small tables of counts, kept ready by a follower of the timeline so that no page counts reports."""
