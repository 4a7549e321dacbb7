"""Knowledge graphs: what is read, how texts lie to each other, what may be claimed of them (GRA-3 to GRA-6)."""
