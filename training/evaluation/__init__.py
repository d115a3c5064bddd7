"""How good a model is, beside what, and which hyper-parameters are best."""
