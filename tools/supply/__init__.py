"""What the project is made of: the locks of programs that look after it, and what is known against them."""
