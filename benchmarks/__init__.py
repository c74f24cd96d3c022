"""The library beside its peers: ratios measured in one run, never a test with a stop-watch."""
