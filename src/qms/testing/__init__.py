"""What users' own test suites import: strategies, state machines and contract suites. Needs the extra ``testing``."""

__all__: list[str] = []
