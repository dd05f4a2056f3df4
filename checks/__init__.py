"""Black-box programs that speak only HTTP, to any server."""
