"""What other systems hold, read into ours: event logs by a map, and their replay."""

__all__: list[str] = []
