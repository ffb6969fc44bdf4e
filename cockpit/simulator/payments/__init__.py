"""The payment service as a model: what its pods and configuration do decides what its metrics say."""
