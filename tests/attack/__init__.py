"""Searches for a counter-example to what the pages say, over the domain each statement names."""
