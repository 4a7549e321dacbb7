"""Endpoints for operators: health, metrics, queues, jobs of every academy."""
