"""What keeps the house in shape: imports, sizes, words, requirement ids, lock files."""
