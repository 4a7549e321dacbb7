"""Endpoints of knowledge graphs and the microscope."""
