"""What examples import: the style of figures, explorers, data sets, and how a result is published."""
