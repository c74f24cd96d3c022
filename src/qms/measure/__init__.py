"""What a record of work shows: rates, cohorts, causes, and what an event log holds. Pure functions over plain values."""

__all__: list[str] = []
