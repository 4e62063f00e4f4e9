"""What the extension is made of: directives, transforms and handlers; ``extension.py`` registers them."""
