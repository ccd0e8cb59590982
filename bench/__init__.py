"""Figures about a real installation on this machine; nothing here fails because something was slow.

Each bench makes a home of its own, starts `qlue up` in it on free ports, measures over real HTTP with fsync on, and
removes everything again. `qlue bench NAME` prints a table, with `--json` one object.
"""
