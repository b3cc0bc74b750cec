"""Benchmarks and cross-checks of phteah against public peers."""
