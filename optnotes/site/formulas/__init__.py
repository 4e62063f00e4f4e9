"""What the site knows of a formula: its type lines, witnesses, letters, and how readers try it out."""
