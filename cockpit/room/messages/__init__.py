"""Telling others: messages composed, recorded, delivered; who is to hear what, and when again."""
