"""Thresholds: one step by step, all of them through time, and how one stands in words."""
