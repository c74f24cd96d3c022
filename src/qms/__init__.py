"""Work under ISO 9001:2015 as cases of processes: legal deadlines, authority, and a tamper-evident trail."""

__version__ = "0.1.0"
