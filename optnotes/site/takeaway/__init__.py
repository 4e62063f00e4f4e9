"""What readers take away from the built site: a book as EPUB and PDF, and a deck of cards."""
