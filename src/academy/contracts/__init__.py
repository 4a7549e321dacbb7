"""What crosses the wire: frozen, versioned messages; formats of older producers are mapped here."""
