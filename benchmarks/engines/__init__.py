"""Vector engines, one library each, which all find the first films of a list among the same films."""
