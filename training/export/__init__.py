"""From a fitted model to a verified, published bundle."""
