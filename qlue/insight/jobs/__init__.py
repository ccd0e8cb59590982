"""Background work of insight. Importing this package registers its jobs with procrastinate.

Modules, functions and parameters keep their names: jobs wait in the database under them.
"""

from qlue.insight.jobs import policy, sorting

__all__ = ["policy", "sorting"]
