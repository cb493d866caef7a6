"""What the readers of C and of Rust share: tokens, expressions, Linux's names, and entries among them."""
