// Practice.
