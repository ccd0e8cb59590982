"""How pages say what the queries return: texts, links and contexts for templates."""
