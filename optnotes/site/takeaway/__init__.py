"""What readers take away from the built site: a book, cards, and questions for learning systems."""
