"""HTTP for members: the routes below /api/me. Imported when one of them is first asked for."""
