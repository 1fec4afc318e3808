"""What Cards does when others speak, and when it hears itself."""
