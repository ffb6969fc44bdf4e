"""The controllers: what they make of objects, without being asked."""
