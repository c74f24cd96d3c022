"""What other projects test with: the contract that every store must pass. Needs the extra `testing`."""

__all__: list[str] = []
