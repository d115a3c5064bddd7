"""Members: people who sign in. Their tokens, and what is kept for them. No HTTP."""
