"""What stands around a deployment and changes how it behaves."""
