"""Actions on a Kubernetes cluster, one file per kind."""
