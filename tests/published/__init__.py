"""The built folder as published: whatever it promises is there."""
