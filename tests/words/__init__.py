"""Facts of the words: what one language says in numbers, references and directions, the other says, too."""
