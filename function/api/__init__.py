"""HTTP: routes, schemas, problems. Knows no arrays."""
