"""What printers, scanners, faxes and phones do to a sheet, from a seed: pictures in, worse pictures out, and files of every kind."""
