"""Actions on a Kubernetes cluster: what they are about has a package each, one file per kind."""
