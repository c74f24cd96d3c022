"""What other systems hold, read into ours: event logs by a map, and their replay; process definitions of DIGIT and BPMN."""

__all__: list[str] = []
